// SPDX-License-Identifier: Apache-2.0
#include "nn/storage.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "nn/reparameterise.hpp"
#include "small_table.hpp"

namespace caplamp::nn {
namespace {

std::size_t at(int index) { return static_cast<std::size_t>(index); }

struct Planned {
    Graph graph;
    Program program;
    std::vector<Place> places;

    const Place& place(const std::string& name) const { return places[at(graph.find(name))]; }
    std::size_t steps(StepKind kind) const {
        return static_cast<std::size_t>(std::ranges::count(program.steps, kind, &Step::kind));
    }
};

Planned plan(const ModelTable& table, Shape input, Layout layout) {
    Planned planned;
    planned.graph = reparameterise(build_graph(table));
    planned.program = lower(planned.graph, infer_shapes(planned.graph, input), 0,
                            static_cast<int>(planned.graph.nodes.size()), layout);
    planned.places = share_memory(planned.program);
    return planned;
}

Planned shipped(Layout layout) {
    return plan(ModelTable::load("models/caplamp-s.yaml"), {3, 320, 320}, layout);
}

TEST(Storage, TheShippedNetworkCopiesNothing) {
    for (const Layout layout : {Layout::plain, Layout::blocked_8, Layout::blocked_16}) {
        EXPECT_EQ(shipped(layout).steps(StepKind::copy), 0U);
    }
}

TEST(Storage, AConcatenationIsWrittenByItsProducers) {
    const Planned planned = shipped(Layout::blocked_8);
    const int concat = planned.graph.find("11.concat");
    EXPECT_EQ(planned.place("10.upsample").root, concat);
    EXPECT_EQ(planned.place("10.upsample").channel, 0);
    EXPECT_EQ(planned.place("6-5.relu").root, concat);
    EXPECT_EQ(planned.place("6-5.relu").channel, 256);
}

TEST(Storage, AC2fSplitsAndJoinsInOneBuffer) {
    const Planned planned = shipped(Layout::blocked_8);
    const int concat = planned.graph.find("12.concat");
    EXPECT_EQ(planned.place("12.cv1.silu").root, concat);
    EXPECT_EQ(planned.place("12.right").channel, 128);
    EXPECT_EQ(planned.place("12.m0.cv2.silu").channel, 256);
}

TEST(Storage, ChannelsThatDoNotFillBlocksAreCopied) {
    EXPECT_GT(plan(small_table(), {3, 32, 32}, Layout::blocked_8).steps(StepKind::copy), 0U);
    EXPECT_EQ(plan(small_table(), {3, 32, 32}, Layout::plain).steps(StepKind::copy), 0U);
}

/// Steps at which each root is needed.
struct Life {
    std::size_t first = SIZE_MAX;
    std::size_t last = 0;
};

std::vector<Life> lives(const Planned& planned) {
    std::vector<Life> all(planned.program.values.size());
    const auto meet = [&](int value, std::size_t step) {
        Life& life = all[at(planned.places[at(value)].root)];
        life.first = std::min(life.first, step);
        life.last = std::max(life.last, step);
    };
    for (std::size_t i = 0; i < planned.program.steps.size(); ++i) {
        for (const int input : planned.program.steps[i].inputs) meet(input, i);
        meet(planned.program.steps[i].output, i);
    }
    for (const int input : planned.program.inputs) {
        meet(input, 0);
        meet(input, planned.program.steps.size());
    }
    for (const int output : planned.program.outputs) meet(output, planned.program.steps.size());
    return all;
}

TEST(Storage, ValuesThatLiveAtTheSameTimeDoNotOverlap) {
    for (const Layout layout : {Layout::plain, Layout::blocked_8}) {
        for (const Planned& planned : {shipped(layout), plan(small_table(), {3, 40, 56}, layout)}) {
            const MemoryPlan memory = plan_memory(planned.program, planned.places);
            const std::vector<Life> all = lives(planned);
            const auto bytes = [&](std::size_t v) {
                const Value& value = planned.program.values[v];
                return floats_of(value.shape, value.layout) * sizeof(float);
            };
            for (std::size_t a = 0; a < all.size(); ++a) {
                if (all[a].first == SIZE_MAX) continue;
                EXPECT_LE(memory.offset[a] + bytes(a), memory.bytes);
                for (std::size_t b = 0; b < a; ++b) {
                    const bool together =
                        all[a].first <= all[b].last && all[b].first <= all[a].last;
                    const bool overlap = memory.offset[a] < memory.offset[b] + bytes(b) &&
                                         memory.offset[b] < memory.offset[a] + bytes(a);
                    EXPECT_FALSE(together && overlap) << a << " and " << b;
                }
            }
        }
    }
}

TEST(Storage, NeedsLittleMoreThanWhatLivesAtOnce) {
    const Planned planned = shipped(Layout::blocked_8);
    const std::vector<Life> all = lives(planned);
    std::size_t most = 0;
    for (std::size_t step = 0; step < planned.program.steps.size(); ++step) {
        std::size_t now = 0;
        for (std::size_t v = 0; v < all.size(); ++v) {
            if (all[v].first == SIZE_MAX || step < all[v].first || step > all[v].last) continue;
            const Value& value = planned.program.values[v];
            now += floats_of(value.shape, value.layout) * sizeof(float);
        }
        most = std::max(most, now);
    }
    EXPECT_LE(plan_memory(planned.program, planned.places).bytes, most * 5 / 4);
}

TEST(Lowering, AFusedBlockIsOneStep) {
    const Planned planned = shipped(Layout::blocked_8);
    EXPECT_EQ(planned.steps(StepKind::activation), 0U);
    EXPECT_EQ(planned.steps(StepKind::add), 0U);
    EXPECT_EQ(planned.steps(StepKind::affine), 0U);
}

TEST(Lowering, CellsOfABlockAccumulateInOneMap) {
    const Graph training = build_graph(small_table());
    RegionStates states;
    for (const Region& region : find_regions(training)) {
        if (region.name == "2-0") states["2-0"] = parse_state(region, "k3|k1|id");
    }
    const Graph graph = reparameterise(training, states);
    const int end = graph.end_of_layer("2-0");
    const Program program = lower(graph, infer_shapes(graph, {3, 16, 16}), 0, end, Layout::plain);
    ASSERT_EQ(program.steps.size(), 5U);
    EXPECT_FALSE(program.steps[2].accumulate);
    EXPECT_TRUE(program.steps[3].accumulate);
    EXPECT_TRUE(program.steps[4].accumulate);
    EXPECT_EQ(program.steps[3].activation, Activation::none);
    EXPECT_EQ(program.steps[4].activation, Activation::relu);
    for (std::size_t i = 2; i < 5; ++i) EXPECT_EQ(program.steps[i].output, end - 1);
}

}  // namespace
}  // namespace caplamp::nn
