// SPDX-License-Identifier: Apache-2.0
#include "nn/regions.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "core/error.hpp"
#include "small_table.hpp"

namespace caplamp::nn {
namespace {

Graph small_graph() { return build_graph(small_table()); }

Region region_named(const Graph& graph, const std::string& name) {
    const auto regions = find_regions(graph);
    const auto found = std::ranges::find(regions, name, &Region::name);
    EXPECT_NE(found, regions.end()) << name;
    return *found;
}

std::vector<std::string> texts(const Region& region) {
    std::vector<std::string> all;
    for (const BranchState& state : all_states(region)) all.push_back(to_text(region, state));
    return all;
}

TEST(Regions, ARepBlockIsOneRegionOfThreeBranches) {
    const Graph graph = small_graph();
    const Region region = region_named(graph, "2-0");
    ASSERT_EQ(region.branches.size(), 3U);
    EXPECT_EQ(region.branches[0].name, "k3");
    EXPECT_EQ(region.branches[1].name, "k1");
    EXPECT_EQ(region.branches[2].name, "id");
    EXPECT_EQ(region.output, graph.find("2-0.add"));
    EXPECT_EQ(region.layer, "2-0");
    EXPECT_EQ(region_named(graph, "2-1").branches.size(), 2U);  // more channels: no identity
    EXPECT_EQ(region_named(graph, "0").branches.size(), 1U);
}

TEST(Regions, HoldEveryConvolutionAndBatchNormOnce) {
    const Graph graph = small_graph();
    std::multiset<int> covered;
    for (const Region& region : find_regions(graph)) {
        for (const Branch& branch : region.branches) {
            covered.insert(branch.nodes.begin(), branch.nodes.end());
        }
    }
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
        const OpKind kind = graph.nodes[i].kind;
        const bool linear = kind == OpKind::conv || kind == OpKind::batch_norm;
        EXPECT_EQ(covered.count(static_cast<int>(i)), linear ? 1U : 0U) << graph.nodes[i].name;
    }
}

TEST(Regions, ThreeBranchesHaveFourteenStatesOfWhichFiveAreExact) {
    const Region region = region_named(small_graph(), "2-0");
    const std::vector<std::string> all = texts(region);
    EXPECT_EQ(std::set<std::string>(all.begin(), all.end()),
              (std::set<std::string>{"k3", "k1", "id", "k3|k1", "k3+k1", "k3|id", "k3+id", "k1|id",
                                     "k1+id", "k3|k1|id", "k3+k1|id", "k3+id|k1", "k3|k1+id",
                                     "k3+k1+id"}));
    EXPECT_EQ(all.size(), 14U);
    EXPECT_EQ(all.front(), "k3+k1+id");
    EXPECT_EQ(std::ranges::count_if(all_states(region),
                                    [&](const BranchState& s) { return is_exact(region, s); }),
              5);
}

TEST(Regions, FourBranchesHaveFiftyOneStates) {
    Region region = region_named(small_graph(), "2-0");
    region.branches.push_back({"k5", {}, {}});
    EXPECT_EQ(all_states(region).size(), 51U);
}

TEST(Regions, AStateReadsBackAsWritten) {
    const Region region = region_named(small_graph(), "2-0");
    for (const BranchState& state : all_states(region)) {
        EXPECT_EQ(parse_state(region, to_text(region, state)), state);
    }
    EXPECT_EQ(to_text(region, parse_state(region, "id|k1+k3")), "k3+k1|id");
    EXPECT_EQ(parse_state(region, "id+k1+k3"), merged_state(region));
}

TEST(Regions, RefuseAStateThatNamesNoBranchOrOneTwice) {
    const Region region = region_named(small_graph(), "2-0");
    for (const char* text : {"", "k5", "k3|", "k3+k3", "k3|k1|k3", "k3 + k1", "|"}) {
        EXPECT_THROW(parse_state(region, text), Error) << text;
    }
}

Node op(OpKind kind, const std::string& name, std::vector<int> inputs, int channels) {
    Node node;
    node.kind = kind;
    node.name = name;
    node.inputs = std::move(inputs);
    node.channels = channels;
    return node;
}

TEST(Regions, StopAtAValueThatSomebodyElseReads) {
    Graph graph;
    graph.nodes = {op(OpKind::input, "input", {}, 3), op(OpKind::batch_norm, "a.bn", {0}, 3),
                   op(OpKind::batch_norm, "b.bn", {1}, 3), op(OpKind::add, "c.add", {1, 2}, 3)};
    graph.outputs = {3};
    const Region sum = region_named(graph, "c");
    EXPECT_EQ(sum.input, 1);
    EXPECT_EQ(sum.branches[0].name, "id");
    EXPECT_TRUE(sum.branches[0].nodes.empty());
    EXPECT_EQ(sum.branches[1].name, "id#2");
    EXPECT_EQ(region_named(graph, "a").output, 1);
}

TEST(Regions, ASumOfDifferentInputsIsNone) {
    Graph graph;
    graph.nodes = {op(OpKind::input, "input", {}, 3), op(OpKind::relu, "relu", {0}, 3),
                   op(OpKind::batch_norm, "a.bn", {0}, 3), op(OpKind::batch_norm, "b.bn", {1}, 3),
                   op(OpKind::add, "c.add", {2, 3}, 3)};
    graph.outputs = {4};
    EXPECT_EQ(find_regions(graph).size(), 2U);
}

TEST(Regions, AConvolutionWithBiasIsNotComposedWithAPaddedOne) {
    Graph graph;
    graph.nodes = {op(OpKind::input, "input", {}, 3), op(OpKind::conv, "a.conv", {0}, 3),
                   op(OpKind::conv, "b.conv", {1}, 3)};
    graph.nodes[1].conv = {.inputs = 3, .outputs = 3, .bias = true};
    graph.nodes[2].conv = {.inputs = 3, .outputs = 3, .kernel = 3, .padding = 1};
    graph.outputs = {2};
    EXPECT_EQ(find_regions(graph).size(), 2U);
    graph.nodes[1].conv.bias = false;
    ASSERT_EQ(find_regions(graph).size(), 1U);
    EXPECT_EQ(find_regions(graph)[0].branches[0].geometry.kernel, 3);
}

}  // namespace
}  // namespace caplamp::nn
