// SPDX-License-Identifier: Apache-2.0
#include "nn/executable.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <set>
#include <thread>

#include "core/error.hpp"
#include "naive_network.hpp"
#include "nn/kernels/threads.hpp"
#include "nn/random_weights.hpp"
#include "small_table.hpp"

namespace caplamp::nn {
namespace {

struct Network {
    Graph graph;
    Weights weights;
    Shape input;
    Doubles picture;
};

Network network_of(const ModelTable& table, Shape input) {
    Graph graph = build_graph(table);
    Weights weights = random_weights(graph, 3);
    return {std::move(graph), std::move(weights), input, random_values(input.size(), 5)};
}

Network small_network() { return network_of(small_table(), {3, 40, 56}); }

void fill(MutableTensorView view, const Doubles& values) {
    ASSERT_EQ(view.data().size(), values.size());
    for (std::size_t i = 0; i < values.size(); ++i) view.data()[i] = static_cast<float>(values[i]);
}

Doubles doubles(TensorView view) { return {view.data().begin(), view.data().end()}; }

using Maps = std::vector<std::vector<float>>;

Maps outputs_of(const Executable& executable) {
    Maps maps;
    for (std::size_t i = 0; i < executable.output_values().size(); ++i) {
        const auto data = executable.output(i).data();
        maps.emplace_back(data.begin(), data.end());
    }
    return maps;
}

Maps run_whole(const Network& network, const ExecutableConfig& config) {
    Executable executable(network.graph, network.weights, config);
    fill(executable.input(0), network.picture);
    executable.run();
    return outputs_of(executable);
}

Maps run_cut(const Network& network, int cut) {
    Executable head(network.graph, network.weights, {.input = network.input, .end = cut});
    Executable tail(network.graph, network.weights, {.input = network.input, .begin = cut});
    EXPECT_EQ(head.output_values(), tail.input_values());
    fill(head.input(0), network.picture);
    head.run();
    for (std::size_t i = 0; i < head.output_values().size(); ++i) {
        const auto from = head.output(i).data();
        std::copy(from.begin(), from.end(), tail.input(i).data().begin());
    }
    tail.run();
    return outputs_of(tail);
}

bool same_bits(const Maps& a, const Maps& b) {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (a[i].size() != b[i].size()) return false;
        if (std::memcmp(a[i].data(), b[i].data(), a[i].size() * sizeof(float)) != 0) return false;
    }
    return true;
}

std::set<std::string> layers_of(const Graph& graph) {
    std::set<std::string> layers;
    for (const Node& node : graph.nodes) {
        if (!node.layer.empty()) layers.insert(node.layer);
    }
    return layers;
}

class ExecutableKernels : public testing::TestWithParam<std::string> {};

TEST_P(ExecutableKernels, AgreeWithANaiveNetworkInDouble) {
    const Network network = small_network();
    Executable executable(network.graph, network.weights,
                          {.input = network.input, .kernel = GetParam()});
    fill(executable.input(0), network.picture);
    executable.run();
    const std::vector<Doubles> expected =
        evaluate(network.graph, in_double(network.weights), network.input, network.picture);
    ASSERT_EQ(executable.output_values(), network.graph.outputs);
    for (std::size_t i = 0; i < network.graph.outputs.size(); ++i) {
        const auto value = static_cast<std::size_t>(network.graph.outputs[i]);
        EXPECT_LE(relative_error(doubles(executable.output(i)), expected[value]), 1e-4)
            << network.graph.nodes[value].name;
    }
}

INSTANTIATE_TEST_SUITE_P(, ExecutableKernels, testing::Values("", "reference"),
                         [](const testing::TestParamInfo<std::string>& row) {
                             return row.param.empty() ? "best" : row.param;
                         });

TEST(Executable, EveryNodeCanBeTheEndOfASlice) {
    const Network network = small_network();
    const std::vector<Doubles> expected =
        evaluate(network.graph, in_double(network.weights), network.input, network.picture);
    for (int end = 2; end < static_cast<int>(network.graph.nodes.size()); ++end) {
        Executable slice(network.graph, network.weights, {.input = network.input, .end = end});
        fill(slice.input(0), network.picture);
        slice.run();
        for (std::size_t i = 0; i < slice.output_values().size(); ++i) {
            const auto value = static_cast<std::size_t>(slice.output_values()[i]);
            EXPECT_LE(relative_error(doubles(slice.output(i)), expected[value]), 1e-4)
                << "cut at " << end << ": " << network.graph.nodes[value].name;
        }
    }
}

TEST(Executable, ACutAfterAnyLayerGivesTheBitsOfTheWhole) {
    const Network network = small_network();
    const Maps whole = run_whole(network, {.input = network.input});
    const int size = static_cast<int>(network.graph.nodes.size());
    for (const std::string& layer : layers_of(network.graph)) {
        const int cut = network.graph.end_of_layer(layer);
        if (cut == size) continue;
        EXPECT_TRUE(same_bits(run_cut(network, cut), whole)) << "cut after layer " << layer;
    }
}

TEST(Executable, ACutOfTheShippedNetworkGivesTheBitsOfTheWhole) {
    const Network network = network_of(ModelTable::load("models/caplamp-s.yaml"), {3, 96, 160});
    const Maps whole = run_whole(network, {.input = network.input});
    for (const char* layer : {"0", "3", "4", "6-2", "9", "12", "15", "21"}) {
        const int cut = network.graph.end_of_layer(layer);
        EXPECT_TRUE(same_bits(run_cut(network, cut), whole)) << "cut after layer " << layer;
    }
}

TEST(Executable, ASliceMayPassValuesBy) {
    const Network network = network_of(ModelTable::load("models/caplamp-s.yaml"), {3, 32, 64});
    const int begin = network.graph.end_of_layer("6");
    const int end = network.graph.end_of_layer("7");
    Executable slice(network.graph, network.weights,
                     {.input = network.input, .begin = begin, .end = end});
    ASSERT_EQ(slice.input_values().size(), 2U);
    ASSERT_EQ(slice.output_values().size(), 3U);
    const Doubles tap = random_values(slice.input(0).data().size(), 8);
    fill(slice.input(0), tap);
    fill(slice.input(1), random_values(slice.input(1).data().size(), 9));
    slice.run();
    EXPECT_LE(relative_error(doubles(slice.output(0)), tap), 1e-6);
}

TEST(Executable, RunsAgainAndAgainWithTheSameBits) {
    const Network network = small_network();
    Executable executable(network.graph, network.weights, {.input = network.input});
    fill(executable.input(0), network.picture);
    executable.run();
    const Maps first = outputs_of(executable);
    executable.run();
    EXPECT_TRUE(same_bits(outputs_of(executable), first));
}

TEST(Executable, TwoOfThemRunSideBySide) {
    const Network network = small_network();
    const Maps expected = run_whole(network, {.input = network.input});
    Maps a;
    Maps b;
    {
        const std::jthread one([&] { a = run_whole(network, {.input = network.input}); });
        const std::jthread two([&] { b = run_whole(network, {.input = network.input}); });
    }
    EXPECT_TRUE(same_bits(a, expected));
    EXPECT_TRUE(same_bits(b, expected));
}

TEST(Executable, HasItsOwnThreadCountAndLeavesTheCallersAlone) {
#ifdef __SANITIZE_THREAD__
    GTEST_SKIP() << "the OpenMP runtime is not built for the thread sanitizer";
#endif
    const Network network = small_network();
    const Maps expected = run_whole(network, {.input = network.input});
    const ThreadCount callers(1);
    Executable executable(network.graph, network.weights, {.input = network.input, .threads = 2});
    fill(executable.input(0), network.picture);
    executable.run();
    EXPECT_EQ(omp_get_max_threads(), 1);
    const Maps maps = outputs_of(executable);
    for (std::size_t i = 0; i < maps.size(); ++i) {
        EXPECT_LE(relative_error({maps[i].begin(), maps[i].end()},
                                 {expected[i].begin(), expected[i].end()}),
                  1e-5);
    }
}

TEST(Executable, ActivationsShareMemoryInsteadOfEachHavingItsOwn) {
    const Network network = network_of(ModelTable::load("models/caplamp-s.yaml"), {3, 320, 320});
    std::size_t all = 0;
    for (const Shape& shape : infer_shapes(network.graph, network.input)) {
        all += shape.size() * sizeof(float);
    }
    const Executable executable(network.graph, network.weights, {.input = network.input});
    EXPECT_LT(executable.activation_bytes(), all / 4);
    EXPECT_GT(executable.weight_bytes(), 9'000'000U * sizeof(float));
}

TEST(Executable, SaysWhichKernelRanEachStep) {
    const Network network = small_network();
    Executable executable(network.graph, network.weights,
                          {.input = network.input, .kernel = "reference"});
    const std::vector<std::string> lines = executable.describe();
    ASSERT_FALSE(lines.empty());
    for (const std::string& line : lines) EXPECT_NE(line.find("reference"), std::string::npos);
}

std::string error_of(const ExecutableConfig& config) {
    const Network network = small_network();
    try {
        const Executable executable(network.graph, network.weights, config);
    } catch (const Error& e) {
        return e.what();
    }
    return "no error";
}

TEST(Executable, RefusesWhatItCannotRun) {
    const Shape input{3, 40, 56};
    EXPECT_NE(error_of({.input = input, .kernel = "magic"}).find("\"magic\" is unknown"),
              std::string::npos);
    EXPECT_NE(error_of({.input = input, .threads = 0}).find("threads"), std::string::npos);
    EXPECT_NE(error_of({.input = input, .begin = 5, .end = 5}).find("no slice"), std::string::npos);
    EXPECT_NE(error_of({.input = input, .end = 9999}).find("no slice"), std::string::npos);
    EXPECT_NE(error_of({.input = {3, 41, 56}}), "no error");
}

TEST(Executable, RefusesWeightsOfAnotherSize) {
    Network network = small_network();
    network.weights.arrays.at("3.conv.weight").values.pop_back();
    EXPECT_THROW(Executable(network.graph, network.weights, {.input = network.input}), Error);
    network.weights.arrays.erase("3.conv.weight");
    EXPECT_THROW(Executable(network.graph, network.weights, {.input = network.input}), Error);
}

}  // namespace
}  // namespace caplamp::nn
