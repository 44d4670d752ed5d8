// SPDX-License-Identifier: Apache-2.0
#include "nn/reparameterise.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "core/error.hpp"
#include "naive_network.hpp"
#include "nn/random_weights.hpp"
#include "small_table.hpp"

namespace caplamp::nn {
namespace {

std::size_t at(int index) { return static_cast<std::size_t>(index); }

DoubleArrays arrays_of_maps(const std::map<std::string, LinearMap>& maps) {
    DoubleArrays arrays;
    for (const auto& [name, map] : maps) {
        arrays[name + ".weight"] = map.weights;
        arrays[name + ".bias"] = map.bias;
    }
    return arrays;
}

struct Comparison {
    double in_double = 0;
    double in_float = 0;
};

/// The rewritten network against the training form, on all outputs.
Comparison compare(const Graph& graph, const Weights& weights, Shape input,
                   const RegionStates& states) {
    const Doubles picture = random_values(input.size(), 77);
    const auto expected = evaluate(graph, in_double(weights), input, picture);
    const Model model = reparameterise(graph, weights, states);
    const auto exact = evaluate(
        model.graph, arrays_of_maps(reparameterised_maps(graph, weights, states)), input, picture);
    const auto rounded = evaluate(model.graph, in_double(model.weights), input, picture);
    Comparison worst;
    for (std::size_t i = 0; i < graph.outputs.size(); ++i) {
        const Doubles& before = expected[at(graph.outputs[i])];
        const auto after = at(model.graph.outputs[i]);
        worst.in_double = std::max(worst.in_double, relative_error(exact[after], before));
        worst.in_float = std::max(worst.in_float, relative_error(rounded[after], before));
    }
    return worst;
}

TEST(Reparameterise, EveryExactStateIsTheSameFunction) {
    const Graph graph = build_graph(small_table());
    const Weights weights = random_weights(graph, 5);
    for (const Region& region : find_regions(graph)) {
        if (region.branches.size() < 2) continue;
        for (const BranchState& state : all_states(region)) {
            const Comparison c = compare(graph, weights, {3, 16, 24}, {{region.name, state}});
            const std::string text = region.name + " " + to_text(region, state);
            if (is_exact(region, state)) {
                EXPECT_LE(c.in_double, 1e-12) << text;
                EXPECT_LE(c.in_float, 1e-4) << text;
            } else {
                EXPECT_GE(c.in_double, 1e-3) << text;
            }
        }
    }
}

/// A sum of random chains between two activations, after a random convolution.
Graph random_graph(std::mt19937& engine) {
    const auto pick = [&](int low, int high) {
        return std::uniform_int_distribution<int>(low, high)(engine);
    };
    Graph graph;
    const auto append = [&](OpKind kind, const std::string& name, std::vector<int> inputs,
                            int channels) {
        Node node;
        node.kind = kind;
        node.name = name;
        node.layer = name.substr(0, 1);
        node.inputs = std::move(inputs);
        node.channels = channels;
        graph.nodes.push_back(std::move(node));
        return static_cast<int>(graph.nodes.size()) - 1;
    };
    const int channels = 4 * pick(1, 3);
    append(OpKind::input, "input", {}, channels);
    const int stride = pick(1, 3);
    const int groups = 1 << pick(0, 2);
    std::vector<int> branches;
    for (int b = pick(1, 4); b > 0; --b) {
        const std::string name = "0.branch" + std::to_string(b);
        int value = 0;
        if (const bool identity = stride == 1 && pick(0, 3) == 0; !identity) {
            const int kernel = 2 * pick(0, 3) + 1;
            value = append(OpKind::conv, name + ".conv", {0}, channels);
            graph.nodes.back().conv = {.inputs = channels,
                                       .outputs = channels,
                                       .kernel = kernel,
                                       .stride = stride,
                                       .padding = kernel / 2,
                                       .groups = groups,
                                       .bias = pick(0, 1) == 1};
        }
        value = append(OpKind::batch_norm, name + ".bn", {value}, channels);
        if (pick(0, 2) == 0) {
            value = append(OpKind::conv, name + ".after", {value}, channels);
            graph.nodes.back().conv = {.inputs = channels, .outputs = channels, .groups = groups};
        }
        branches.push_back(value);
    }
    const int sum =
        branches.size() > 1 ? append(OpKind::add, "0.add", branches, channels) : branches[0];
    graph.outputs = {append(OpKind::relu, "0.relu", {sum}, channels)};
    return graph;
}

TEST(Reparameterise, RandomGraphsKeepTheirFunctionInRandomExactStates) {
    std::mt19937 engine(23);
    for (unsigned trial = 0; trial < 80; ++trial) {
        const Graph graph = random_graph(engine);
        const Weights weights = random_weights(graph, trial);
        const Shape input{graph.nodes[0].channels, 1 + static_cast<int>(engine() % 8),
                          1 + static_cast<int>(engine() % 8)};
        RegionStates states;
        for (const Region& region : find_regions(graph)) {
            auto all = all_states(region);
            std::erase_if(all, [&](const BranchState& s) { return !is_exact(region, s); });
            states[region.name] = all[engine() % all.size()];
        }
        const Comparison c = compare(graph, weights, input, states);
        EXPECT_LE(c.in_double, 1e-12) << "trial " << trial;
        EXPECT_LE(c.in_float, 1e-4) << "trial " << trial;
    }
}

TEST(Reparameterise, LeavesOneConvolutionABlockAndNoBatchNorm) {
    const Graph training = build_graph(ModelTable::load("models/caplamp-s.yaml"));
    const Graph fused = reparameterise(training);
    for (const Node& node : fused.nodes) {
        EXPECT_NE(node.kind, OpKind::batch_norm) << node.name;
        EXPECT_NE(node.kind, OpKind::add) << node.name;
    }
    EXPECT_GE(fused.find("2-0.k3+k1+id"), 0);
    EXPECT_GE(fused.find("9.cv1.conv"), 0);
    EXPECT_EQ(fused.outputs.size(), training.outputs.size());
}

TEST(Reparameterise, LayersCanStillBeCutByName) {
    const Graph training = build_graph(ModelTable::load("models/caplamp-s.yaml"));
    const Region block = find_regions(training)[2];
    const Graph fused = reparameterise(training, {{block.name, parse_state(block, "k3|k1|id")}});
    for (const char* layer : {"0", "2-0", "4", "9", "15", "22"}) {
        EXPECT_EQ(live_values(fused, fused.end_of_layer(layer)).size(),
                  live_values(training, training.end_of_layer(layer)).size())
            << layer;
    }
    EXPECT_EQ(fused.nodes[at(fused.backbone_end())].part, Part::neck);
}

TEST(Reparameterise, AnIdentityAloneStaysCheap) {
    const Graph training = build_graph(small_table());
    const auto regions = find_regions(training);
    const auto block = std::ranges::find(regions, "2-0", &Region::name);
    ASSERT_NE(block, regions.end());
    const Graph graph = reparameterise(training, {{"2-0", parse_state(*block, "k3|id")}});
    const Node& cell = graph.nodes[at(graph.find("2-0.id"))];
    EXPECT_EQ(cell.conv.groups, cell.channels);
    EXPECT_EQ(cell.conv.kernel, 1);
}

TEST(Reparameterise, TheFusedWeightsAreWhatTheFusedGraphNames) {
    const Graph training = build_graph(small_table());
    const Model model = reparameterise(training, random_weights(training, 1));
    const auto needed = arrays_of(model.graph);
    ASSERT_EQ(needed.size(), model.weights.arrays.size());
    for (const auto& [name, shape] : needed) EXPECT_EQ(model.weights.at(name).shape, shape);
    EXPECT_EQ(model.weights.metadata.at("form"), "fused");
}

TEST(Reparameterise, FusingTwiceChangesNothing) {
    const Graph training = build_graph(small_table());
    const Model once = reparameterise(training, random_weights(training, 1));
    const Model twice = reparameterise(once.graph, once.weights);
    ASSERT_EQ(once.graph.nodes.size(), twice.graph.nodes.size());
    for (const auto& [name, array] : once.weights.arrays) {
        EXPECT_EQ(twice.weights.at(name).values, array.values) << name;
    }
}

TEST(Reparameterise, RefusesAStateOfNoRegionOrOfAnother) {
    const Graph graph = build_graph(small_table());
    const auto regions = find_regions(graph);
    EXPECT_THROW(reparameterise(graph, {{"99", merged_state(regions[0])}}), Error);
    EXPECT_THROW(reparameterise(graph, {{"0", BranchState{{{0, 1}}}}}), Error);
    EXPECT_THROW(reparameterise(graph, {{"0", BranchState{}}}), Error);
    EXPECT_THROW(reparameterise(graph, {{"0", BranchState{{{0}, {0}}}}}), Error);
}

}  // namespace
}  // namespace caplamp::nn
