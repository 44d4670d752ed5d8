// SPDX-License-Identifier: Apache-2.0
#include "nn/lowering.hpp"

#include <algorithm>
#include <array>

namespace caplamp::nn {
namespace {

std::size_t at(int index) { return static_cast<std::size_t>(index); }

bool is_activation(OpKind kind) { return kind == OpKind::relu || kind == OpKind::silu; }

Activation activation_of(OpKind kind) {
    if (kind == OpKind::relu) return Activation::relu;
    if (kind == OpKind::silu) return Activation::silu;
    return Activation::none;
}

class Lowering {
public:
    Lowering(const Graph& graph, const std::vector<Shape>& shapes, int begin, int end,
             Layout inside)
        : graph_(graph),
          shapes_(shapes),
          begin_(begin),
          end_(end),
          inside_(inside),
          readers_(graph.nodes.size()),
          absorbed_(graph.nodes.size(), false) {}

    Program lower() {
        name_ends();
        find_readers();
        for (std::size_t i = 0; i < shapes_.size(); ++i) {
            const bool picture = graph_.nodes[i].kind == OpKind::input;
            program_.add_value(shapes_[i], picture ? Layout::plain : inside_);
        }
        enter();
        for (int node = std::max(begin_, 1); node < end_; ++node) {
            if (!absorbed_[at(node)]) lower_node(node);
        }
        leave();
        return std::move(program_);
    }

private:
    const Node& node(int index) const { return graph_.nodes[at(index)]; }
    bool in_slice(int index) const { return index >= std::max(begin_, 1) && index < end_; }

    void name_ends() {
        program_.input_nodes = begin_ <= 1 ? std::vector<int>{0} : live_values(graph_, begin_);
        const bool whole_rest = end_ == static_cast<int>(graph_.nodes.size());
        program_.output_nodes = whole_rest ? graph_.outputs : live_values(graph_, end_);
    }

    /// A value that leaves the slice has a reader that never takes it in: -1.
    void find_readers() {
        for (int i = std::max(begin_, 1); i < end_; ++i) {
            for (const int input : node(i).inputs) readers_[at(input)].push_back(i);
        }
        for (const int value : program_.output_nodes) readers_[at(value)].push_back(-1);
    }

    /// The only reader of a value, or -1.
    int only_reader(int value) const {
        const std::vector<int>& readers = readers_[at(value)];
        return readers.size() == 1 ? readers[0] : -1;
    }

    void enter() {
        for (const int value : program_.input_nodes) {
            Value& entering = program_.values[at(value)];
            if (entering.layout == Layout::plain) {
                program_.inputs.push_back(value);
                continue;
            }
            program_.inputs.push_back(program_.add_value(shapes_[at(value)], Layout::plain));
            if (readers_[at(value)] == std::vector<int>{-1}) continue;  // passes by
            append(StepKind::reorder, value, {program_.inputs.back()});
        }
    }

    void leave() {
        for (const int value : program_.output_nodes) {
            const auto entered = std::ranges::find(program_.input_nodes, value);
            if (entered != program_.input_nodes.end()) {
                const auto position = entered - program_.input_nodes.begin();
                program_.outputs.push_back(program_.inputs[static_cast<std::size_t>(position)]);
            } else if (program_.values[at(value)].layout == Layout::plain) {
                program_.outputs.push_back(value);
            } else {
                const int plain = program_.add_value(shapes_[at(value)], Layout::plain);
                append(StepKind::reorder, value, {value}).output = plain;
                program_.outputs.push_back(plain);
            }
        }
    }

    Step& append(StepKind kind, int index, std::vector<int> inputs) {
        Step step;
        step.kind = kind;
        step.node = index;
        step.inputs = std::move(inputs);
        step.output = index;
        program_.steps.push_back(std::move(step));
        return program_.steps.back();
    }

    void lower_node(int index) {
        const Node& n = node(index);
        switch (n.kind) {
            case OpKind::conv:
                return lower_conv(index);
            case OpKind::batch_norm:
                append(StepKind::affine, index, n.inputs);
                return;
            case OpKind::silu:
            case OpKind::relu:
                append(StepKind::activation, index, n.inputs).activation = activation_of(n.kind);
                return;
            case OpKind::add:
                append(StepKind::add, index, n.inputs);
                return;
            case OpKind::concat:
                return lower_concat(index);
            case OpKind::slice: {
                Step& step = append(StepKind::copy, index, n.inputs);
                step.from_channel = n.slice_begin;
                step.channels = n.channels;
                return;
            }
            case OpKind::max_pool:
                append(StepKind::max_pool, index, n.inputs);
                return;
            case OpKind::upsample:
                append(StepKind::upsample, index, n.inputs);
                return;
            case OpKind::input:
                return;
        }
    }

    void lower_concat(int index) {
        int channel = 0;
        for (const int input : node(index).inputs) {
            Step& step = append(StepKind::copy, index, {input});
            step.to_channel = channel;
            step.channels = node(input).channels;
            channel += step.channels;
        }
    }

    /// A sum of convolutions that nobody else reads is the first of them, accumulated by the rest.
    bool takes_in_sum(int sum) const {
        if (node(sum).kind != OpKind::add) return false;
        return std::ranges::all_of(node(sum).inputs, [&](int operand) {
            return in_slice(operand) && node(operand).kind == OpKind::conv &&
                   only_reader(operand) == sum;
        });
    }

    void lower_conv(int index) {
        Step step;
        step.node = index;
        step.inputs = node(index).inputs;
        step.output = index;
        bool is_last = true;
        const int sum = only_reader(index);
        if (sum >= 0 && takes_in_sum(sum)) {
            const auto [first, last] = std::ranges::minmax(node(sum).inputs);
            step.output = sum;
            step.accumulate = index != first;
            is_last = index == last;
            absorbed_[at(sum)] = true;
        }
        const int next = only_reader(step.output);
        if (next >= 0 && is_activation(node(next).kind)) {
            step.output = next;
            if (is_last) step.activation = activation_of(node(next).kind);
            absorbed_[at(next)] = true;
        }
        program_.steps.push_back(std::move(step));
    }

    const Graph& graph_;
    const std::vector<Shape>& shapes_;
    int begin_;
    int end_;
    Layout inside_;
    std::vector<std::vector<int>> readers_;
    std::vector<bool> absorbed_;
    Program program_;
};

}  // namespace

std::string_view to_string(StepKind kind) {
    constexpr std::array<std::string_view, 8> names{"conv", "affine",   "activation", "add",
                                                    "copy", "max_pool", "upsample",   "reorder"};
    return names[static_cast<std::size_t>(kind)];
}

int Program::add_value(Shape shape, Layout layout) {
    values.push_back({shape, layout});
    return static_cast<int>(values.size()) - 1;
}

Program lower(const Graph& graph, const std::vector<Shape>& shapes, int begin, int end,
              Layout inside) {
    return Lowering(graph, shapes, begin, end, inside).lower();
}

}  // namespace caplamp::nn
