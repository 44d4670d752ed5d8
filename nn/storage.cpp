// SPDX-License-Identifier: Apache-2.0
#include "nn/storage.hpp"

#include <algorithm>
#include <limits>
#include <optional>

namespace caplamp::nn {
namespace {

std::size_t at(int index) { return static_cast<std::size_t>(index); }

class Sharing {
public:
    explicit Sharing(Program& program)
        : program_(program),
          host_(program.values.size(), -1),
          channel_(program.values.size(), 0),
          readers_(program.values.size(), 0),
          fixed_(program.values.size(), false),
          copied_into_(program.values.size(), false),
          slice_of_(program.values.size(), -1) {
        for (const int value : program.inputs) fixed_[at(value)] = true;
        for (const int value : program.outputs) fixed_[at(value)] = true;
        for (std::size_t i = 0; i < program.steps.size(); ++i) {
            const Step& step = program.steps[i];
            for (const int input : step.inputs) ++readers_[at(input)];
            if (step.kind != StepKind::copy) continue;
            copied_into_[at(step.output)] = true;
            if (covers_output(step)) slice_of_[at(step.output)] = static_cast<int>(i);
        }
    }

    // Backwards: where a result goes is known before its operands look for a place in it.
    std::vector<Place> run() {
        for (std::size_t i = program_.steps.size(); i-- > 0;) place_for(program_.steps[i]);
        std::vector<Place> places;
        for (std::size_t v = 0; v < program_.values.size(); ++v) {
            places.push_back(resolve(static_cast<int>(v)));
        }
        std::erase_if(program_.steps, [&](const Step& step) {
            if (step.kind != StepKind::copy) return false;
            const Place& from = places[at(step.inputs[0])];
            const Place& to = places[at(step.output)];
            return from.root == to.root &&
                   from.channel + step.from_channel == to.channel + step.to_channel;
        });
        return places;
    }

private:
    const Value& value(int index) const { return program_.values[at(index)]; }

    bool covers_output(const Step& copy) const {
        return copy.to_channel == 0 && copy.channels == value(copy.output).shape.channels;
    }

    Place resolve(int index) const {
        int channel = 0;
        while (host_[at(index)] >= 0) {
            channel += channel_[at(index)];
            index = host_[at(index)];
        }
        return {index, channel};
    }

    /// Whole blocks only: the padding of the last one would lie on the neighbour's channels.
    bool fits(int guest, int host, int channel) const {
        if (host_[at(guest)] >= 0 || fixed_[at(guest)] || guest == host) return false;
        if (value(guest).layout != value(host).layout) return false;
        const int block = block_of(value(host).layout);
        const int end = channel + value(guest).shape.channels;
        const bool whole_end = end % block == 0 || end == value(host).shape.channels;
        return channel >= 0 && channel % block == 0 && whole_end &&
               end <= value(host).shape.channels;
    }

    bool put(int guest, int host, int channel) {
        if (!fits(guest, host, channel) || resolve(host).root == guest) return false;
        host_[at(guest)] = host;
        channel_[at(guest)] = channel;
        return true;
    }

    void place_for(const Step& step) {
        switch (step.kind) {
            case StepKind::copy:
                return place_copy(step);
            case StepKind::activation:
            case StepKind::affine:
            case StepKind::add:
                return place_in_place(step);
            default:
                return;
        }
    }

    void place_copy(const Step& copy) {
        const int source = copy.inputs[0];
        if (covers_output(copy) && put(copy.output, source, copy.from_channel)) return;
        const bool whole = copy.from_channel == 0 && copy.channels == value(source).shape.channels;
        if (!whole) return;
        if (slice_of_[at(source)] < 0) {
            put(source, copy.output, copy.to_channel);
        } else {
            place_sliced(copy);
        }
    }

    /// All slices of one value go side by side into this concatenation: the value itself does.
    void place_sliced(const Step& copy) {
        const Step& slice = slice_step(copy.inputs[0]);
        const int whole = slice.inputs[0];
        const int base = copy.to_channel - slice.from_channel;
        int covered = 0;
        for (const Step& other : program_.steps) {
            if (other.kind != StepKind::copy || other.output != copy.output) continue;
            if (slice_of_[at(other.inputs[0])] < 0) continue;
            const Step& part = slice_step(other.inputs[0]);
            const bool in_line = other.to_channel - part.from_channel == base;
            if (part.inputs[0] == whole && in_line) covered += part.channels;
        }
        if (covered == value(whole).shape.channels) put(whole, copy.output, base);
    }

    const Step& slice_step(int index) const { return program_.steps[at(slice_of_[at(index)])]; }

    // What was copied together or cut out may share its memory with values that live on.
    void place_in_place(const Step& step) {
        for (const int operand : step.inputs) {
            const bool dead_after = readers_[at(operand)] == 1 && !copied_into_[at(operand)];
            if (dead_after && put(operand, step.output, 0)) return;
        }
    }

    Program& program_;
    std::vector<int> host_;     // by value: whose memory it lives in, or -1
    std::vector<int> channel_;  // from which channel of it on
    std::vector<int> readers_;
    std::vector<bool> fixed_;  // belongs to the caller
    std::vector<bool> copied_into_;
    std::vector<int> slice_of_;  // by value: the copy that makes all of it, or -1
};

/// One root's memory, needed by steps first..last.
struct Life {
    int root = 0;
    std::size_t bytes = 0;
    std::size_t first = std::numeric_limits<std::size_t>::max();
    std::size_t last = 0;

    void meet(std::size_t step) {
        first = std::min(first, step);
        last = std::max(last, step);
    }
    bool overlaps(const Life& other) const { return first <= other.last && other.first <= last; }
};

std::vector<Life> lives_of(const Program& program, const std::vector<Place>& places) {
    std::vector<Life> lives(program.values.size());
    for (std::size_t v = 0; v < lives.size(); ++v) {
        lives[v].root = static_cast<int>(v);
        lives[v].bytes =
            floats_of(program.values[v].shape, program.values[v].layout) * sizeof(float);
    }
    const auto life = [&](int value) -> Life& { return lives[at(places[at(value)].root)]; };
    for (std::size_t i = 0; i < program.steps.size(); ++i) {
        for (const int input : program.steps[i].inputs) life(input).meet(i);
        life(program.steps[i].output).meet(i);
    }
    for (const int value : program.inputs) life(value).meet(0);
    for (const int value : program.inputs) life(value).meet(program.steps.size());
    for (const int value : program.outputs) life(value).meet(program.steps.size());
    std::erase_if(lives, [](const Life& l) { return l.first > l.last; });
    return lives;
}

/// The lowest gap between the already placed lives that overlap this one.
std::size_t lowest_gap(const Life& life, const std::vector<Life>& placed,
                       const std::vector<std::size_t>& offset) {
    std::vector<const Life*> others;
    for (const Life& other : placed) {
        if (life.overlaps(other)) others.push_back(&other);
    }
    std::ranges::sort(others, {}, [&](const Life* other) { return offset[at(other->root)]; });
    std::size_t begin = 0;
    for (const Life* other : others) {
        if (begin + life.bytes <= offset[at(other->root)]) break;
        begin = std::max(begin, offset[at(other->root)] + other->bytes);
    }
    return begin;
}

}  // namespace

std::vector<Place> share_memory(Program& program) { return Sharing(program).run(); }

MemoryPlan plan_memory(const Program& program, const std::vector<Place>& places) {
    constexpr std::size_t line = 64;  // each value begins on a cache line
    MemoryPlan plan;
    plan.offset.resize(program.values.size());
    std::vector<Life> lives = lives_of(program, places);
    for (Life& life : lives) life.bytes = (life.bytes + line - 1) / line * line;
    std::ranges::stable_sort(lives, std::ranges::greater{}, &Life::bytes);
    std::vector<Life> placed;
    for (const Life& life : lives) {
        const std::size_t offset = lowest_gap(life, placed, plan.offset);
        plan.offset[at(life.root)] = offset;
        plan.bytes = std::max(plan.bytes, offset + life.bytes);
        placed.push_back(life);
    }
    return plan;
}

}  // namespace caplamp::nn
