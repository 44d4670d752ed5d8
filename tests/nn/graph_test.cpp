// SPDX-License-Identifier: Apache-2.0
#include "nn/graph.hpp"

#include <gtest/gtest.h>

#include <set>

#include "core/error.hpp"

namespace caplamp::nn {
namespace {

Graph shipped_graph() { return build_graph(ModelTable::load("models/caplamp-s.yaml")); }

std::vector<std::string> names_of(const Graph& graph, const std::vector<int>& values) {
    std::vector<std::string> names;
    for (const int value : values)
        names.push_back(graph.nodes[static_cast<std::size_t>(value)].name);
    return names;
}

TEST(Graph, IsInTopologicalOrderWithUniqueNames) {
    const Graph graph = shipped_graph();
    std::set<std::string> names;
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
        EXPECT_TRUE(names.insert(graph.nodes[i].name).second) << graph.nodes[i].name;
        for (const int input : graph.nodes[i].inputs) EXPECT_LT(input, static_cast<int>(i));
    }
}

TEST(Graph, ARepBlockHasThreeBranchesAndAStrideTwoConvHasNone) {
    const Graph graph = shipped_graph();
    const Node& add = graph.nodes[static_cast<std::size_t>(graph.find("4-5.add"))];
    EXPECT_EQ(names_of(graph, add.inputs),
              (std::vector<std::string>{"4-5.k3.bn", "4-5.k1.bn", "4-5.id.bn"}));
    EXPECT_EQ(graph.find("3.add"), -1);
}

TEST(Graph, TapsAndHeadHaveTheShapesOfYolov8) {
    const Graph graph = shipped_graph();
    const std::vector<Shape> shapes = infer_shapes(graph, {3, 640, 640});
    const auto shape = [&](const char* name) {
        return shapes[static_cast<std::size_t>(graph.find(name))];
    };
    EXPECT_EQ(shape("4-5.relu"), (Shape{64, 80, 80}));
    EXPECT_EQ(shape("6-5.relu"), (Shape{128, 40, 40}));
    EXPECT_EQ(shape("9.cv2.silu"), (Shape{256, 20, 20}));
    EXPECT_EQ(shape("11.concat"), (Shape{384, 40, 40}));
    EXPECT_EQ(shape("21.cv2.silu"), (Shape{512, 20, 20}));
    ASSERT_EQ(graph.outputs.size(), 6U);
    EXPECT_EQ(shapes[static_cast<std::size_t>(graph.outputs[0])], (Shape{64, 80, 80}));
    EXPECT_EQ(shapes[static_cast<std::size_t>(graph.outputs[5])], (Shape{3, 20, 20}));
}

TEST(Graph, LaterCutsCarryTheTapsToo) {
    const Graph graph = shipped_graph();
    const auto live = [&](const char* layer) {
        return names_of(graph, live_values(graph, graph.end_of_layer(layer)));
    };
    EXPECT_EQ(live("3"), (std::vector<std::string>{"3.silu"}));
    EXPECT_EQ(live("4"), (std::vector<std::string>{"4-5.relu"}));
    EXPECT_EQ(live("5"), (std::vector<std::string>{"4-5.relu", "5.silu"}));
    EXPECT_EQ(live("9"), (std::vector<std::string>{"4-5.relu", "6-5.relu", "9.cv2.silu"}));
    EXPECT_EQ(live_values(graph, static_cast<int>(graph.nodes.size())).size(), 6U);
}

TEST(Graph, AStageMeansItsLastLayerAndAnUnknownOneIsAnError) {
    const Graph graph = shipped_graph();
    EXPECT_EQ(graph.end_of_layer("4"), graph.end_of_layer("4-5"));
    EXPECT_EQ(graph.backbone_end(), graph.end_of_layer("9"));
    EXPECT_THROW(graph.end_of_layer("99"), Error);
    EXPECT_THROW(graph.end_of_layer("4-"), Error);
}

TEST(Graph, RefusesAPictureThatDoesNotFitTheStrides) {
    const Graph graph = shipped_graph();
    EXPECT_THROW(infer_shapes(graph, {3, 648, 640}), Error);
    EXPECT_THROW(infer_shapes(graph, {1, 640, 640}), Error);
    EXPECT_NO_THROW(infer_shapes(graph, {3, 32, 64}));
}

}  // namespace
}  // namespace caplamp::nn
