// SPDX-License-Identifier: Apache-2.0
#include "nn/costs.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "nn/reparameterise.hpp"

namespace caplamp::nn {
namespace {

constexpr Shape square{3, 640, 640};

/// The shipped table with two classes, for which the reference numbers were counted by hand.
Graph two_class_graph() {
    ModelTable table = ModelTable::load("models/caplamp-s.yaml");
    table.classes.pop_back();
    return build_graph(table);
}

bool rounds_to(std::int64_t flop, double giga) {
    return std::abs(static_cast<double>(flop) / 1e9 - giga) <= 0.00051;
}

Cost part_cost(const Graph& graph, Part part, Shape input = square) {
    Cost sum;
    for (const LayerCost& layer : layer_costs(graph, input)) {
        if (layer.part == part) sum += layer.cost;
    }
    return sum;
}

TEST(Costs, ReproduceThePartsOfTheFusedNetwork) {
    const Graph graph = reparameterise(two_class_graph());
    const Cost backbone = part_cost(graph, Part::backbone);
    const Cost neck = part_cost(graph, Part::neck);
    const Cost head = part_cost(graph, Part::head);
    EXPECT_EQ(backbone.parameters, 3'461'888);
    EXPECT_EQ(neck.parameters, 3'698'432);
    EXPECT_EQ(head.parameters, 2'115'654);
    EXPECT_TRUE(rounds_to(backbone.conv_flop, 9.657)) << backbone.conv_flop;
    EXPECT_TRUE(rounds_to(neck.conv_flop, 7.340)) << neck.conv_flop;
    EXPECT_TRUE(rounds_to(head.conv_flop, 8.124)) << head.conv_flop;
    const Cost whole = cut_costs(graph, square).back().before;
    EXPECT_EQ(whole.parameters, 9'275'974);
    EXPECT_TRUE(rounds_to(whole.conv_flop, 25.121)) << whole.conv_flop;
}

TEST(Costs, ScaleWithThePictureButNotTheParameters) {
    const Graph graph = reparameterise(two_class_graph());
    const Shape wide{3, 384, 640};
    EXPECT_TRUE(rounds_to(cut_costs(graph, wide).back().before.conv_flop, 15.073));
    EXPECT_TRUE(rounds_to(part_cost(graph, Part::backbone, wide).conv_flop, 5.794));
    EXPECT_EQ(cut_costs(graph, wide).back().before.parameters, 9'275'974);
}

TEST(Costs, AThirdClassCostsOneRowOfEachClassConvolution) {
    const Graph graph = reparameterise(build_graph(ModelTable::load("models/caplamp-s.yaml")));
    EXPECT_EQ(cut_costs(graph, square).back().before.parameters, 9'275'974 + 3 * 129);
}

TEST(Costs, ReproduceTheFormsOfTheBackbone) {
    const Graph training = two_class_graph();
    const auto backbone = [&](const char* state) {
        RegionStates states;
        for (const Region& region : find_regions(training)) {
            if (region.branches.size() > 1) states[region.name] = parse_state(region, state);
        }
        return part_cost(reparameterise(training, states), Part::backbone);
    };
    const Cost unfused = part_cost(training, Part::backbone);
    EXPECT_EQ(unfused.parameters, 3'795'408);
    EXPECT_TRUE(rounds_to(unfused.conv_flop, 10.600)) << unfused.conv_flop;
    EXPECT_TRUE(rounds_to(unfused.elementwise_flop, 0.058)) << unfused.elementwise_flop;
    const Cost fused = backbone("k3+k1+id");
    EXPECT_EQ(fused.parameters, 3'461'888);
    EXPECT_TRUE(rounds_to(fused.elementwise_flop, 0.010)) << fused.elementwise_flop;
    EXPECT_TRUE(rounds_to(backbone("k3|k1+id").conv_flop, 10.600));
    EXPECT_LT(backbone("k1").conv_flop, fused.conv_flop / 2);
}

struct Split {
    const char* layer;
    std::int64_t live_numbers;
    double before;
    double after;
};

// One row for each layer that ends a stage.
constexpr Split splits[] = {
    {"0", 1638400, 0.088, 25.032},   {"1", 819200, 0.324, 24.797},
    {"2", 819200, 1.740, 23.381},    {"3", 409600, 1.976, 23.145},
    {"4", 409600, 4.807, 20.314},    {"5", 614400, 5.043, 20.078},
    {"6", 614400, 7.874, 17.247},    {"7", 716800, 8.110, 17.011},
    {"8", 716800, 9.526, 15.595},    {"9", 716800, 9.657, 15.464},
    {"12", 921600, 11.230, 13.891},  {"15", 1331200, 13.012, 12.109},
    {"18", 1331200, 15.057, 10.064}, {"21", 1433600, 16.997, 8.124},
    {"22", 554400, 25.121, 0.000},
};

TEST(Costs, ReproduceWhatCrossesEachCut) {
    const Graph graph = reparameterise(two_class_graph());
    const std::vector<CutCost> cuts = cut_costs(graph, square);
    for (const Split& split : splits) {
        const auto found = std::ranges::find(cuts, graph.end_of_layer(split.layer), &CutCost::end);
        ASSERT_NE(found, cuts.end()) << split.layer;
        EXPECT_EQ(found->live_numbers, split.live_numbers) << split.layer;
        EXPECT_TRUE(rounds_to(found->before.conv_flop, split.before)) << split.layer;
        EXPECT_TRUE(rounds_to(found->after.conv_flop, split.after)) << split.layer;
    }
}

TEST(Costs, TheTrainingFormIsCutWhereTheFusedFormIs) {
    const Graph training = two_class_graph();
    const auto a = cut_costs(training, square);
    const auto b = cut_costs(reparameterise(training), square);
    ASSERT_EQ(a.size(), b.size());
    for (std::size_t i = 0; i < a.size(); ++i) {
        EXPECT_EQ(a[i].layer, b[i].layer);
        EXPECT_EQ(a[i].live_numbers, b[i].live_numbers) << a[i].layer;
    }
}

Node op(OpKind kind, std::vector<int> inputs, int channels) {
    Node node;
    node.kind = kind;
    node.inputs = std::move(inputs);
    node.channels = channels;
    return node;
}

/// A picture of 3x4x4, then two 1x1 convolutions to 2 channels, added and rectified.
Graph two_branch_graph() {
    Graph graph;
    graph.nodes = {op(OpKind::input, {}, 3), op(OpKind::conv, {0}, 2), op(OpKind::conv, {0}, 2),
                   op(OpKind::add, {1, 2}, 2), op(OpKind::relu, {3}, 2)};
    for (const std::size_t i : {1U, 2U}) {
        graph.nodes[i].conv = {.inputs = 3, .outputs = 2, .bias = true};
    }
    graph.outputs = {4};
    return graph;
}

TEST(Costs, CountTheTrafficOfEachKernelByTheConventionAskedFor) {
    const Graph graph = two_branch_graph();
    const auto bytes = [&](ByteCount count, int size) {
        return total(node_costs(graph, {3, 4, 4}, {count, size}), 0, 5).bytes;
    };
    constexpr std::int64_t conv = (3 * 2 + 2) + 3 * 16 + 2 * 16;
    EXPECT_EQ(bytes(ByteCount::kernel, 4), 4 * (2 * conv + 2 * 16));
    EXPECT_EQ(bytes(ByteCount::kernel, 1), 2 * conv + 2 * 16);
    EXPECT_EQ(bytes(ByteCount::conv_only, 4), 4 * 2 * conv);
    EXPECT_EQ(bytes(ByteCount::ideal, 4), 4 * (2 * 8 + 3 * 16 + 2 * 2 * 16));
    EXPECT_EQ(total(node_costs(graph, {3, 4, 4}), 0, 5).kernels, 2);
}

TEST(Costs, MergingBranchesSavesTraffic) {
    const Graph training = two_class_graph();
    RegionStates apart;
    for (const Region& region : find_regions(training)) {
        if (region.branches.size() == 3) apart[region.name] = parse_state(region, "k3|k1|id");
    }
    const Cost merged = cut_costs(reparameterise(training), square).back().before;
    const Cost parallel = cut_costs(reparameterise(training, apart), square).back().before;
    EXPECT_LT(merged.bytes, parallel.bytes);
    EXPECT_LT(merged.kernels, parallel.kernels);
}

}  // namespace
}  // namespace caplamp::nn
