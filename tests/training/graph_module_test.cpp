// SPDX-License-Identifier: Apache-2.0
#include "training/graph_module.hpp"

#include <gtest/gtest.h>

#include "nn/weights.hpp"
#include "tests/training/painted_pictures.hpp"
#include "tests/training/tiny_network.hpp"
#include "training/weights_exchange.hpp"

namespace caplamp::training {
namespace {

struct Network {
    nn::ModelTable table;
    nn::Graph graph{nn::build_graph(table)};
    ParameterStore store{graph, torch::kCPU};

    explicit Network(nn::ModelTable of, std::uint64_t seed = 1) : table(std::move(of)) {
        initialise(store, graph, table, seed);
    }
    GraphModule module() const { return {graph, store, table.batch_norm_momentum}; }
};

}  // namespace

TEST(ParameterStore, NamesAndShapesItsArraysAsTheGraphDoes) {
    for (const auto& table : {tiny_table(), nn::ModelTable::load("models/caplamp-s.yaml")}) {
        const Network network(table);
        const auto expected = nn::arrays_of(network.graph);
        ASSERT_EQ(network.store.arrays().size(), expected.size());
        for (const auto& [name, tensor] : network.store.arrays()) {
            const auto found = expected.find(name);
            ASSERT_NE(found, expected.end()) << name;
            const std::vector<std::int64_t> shape(found->second.begin(), found->second.end());
            EXPECT_EQ(tensor.sizes().vec(), shape) << name;
        }
    }
}

TEST(ParameterStore, DecaysTheConvolutionWeightsAlone) {
    const Network network(tiny_table());
    std::int64_t weights = 0;
    for (const auto& [name, tensor] : network.store.arrays()) {
        if (tensor.dim() == 4) weights += tensor.numel();
    }
    EXPECT_EQ(network.store.decayed(), weights);
}

TEST(GraphModule, GivesOneBoxAndOneClassMapForEveryScale) {
    const Network network(tiny_table());
    const auto outputs = network.module().forward(torch::rand({2, 3, 64, 96}), Mode::evaluate);
    ASSERT_EQ(outputs.size(), 4U);
    EXPECT_EQ(outputs[0].sizes(), (std::vector<std::int64_t>{2, 64, 8, 12}));
    EXPECT_EQ(outputs[3].sizes(), (std::vector<std::int64_t>{2, 3, 4, 6}));
}

TEST(GraphModule, BeginsWithTheBiasesOfYolov8) {
    const Network network(tiny_table());
    const auto& head = network.store.of_node(network.graph.outputs[1]);
    EXPECT_TRUE(farthest(head.bias, torch::full({3}, std::log(5.0 / 3 / (80 * 80)))) <= 1e-5);
    const auto& box = network.store.of_node(network.graph.outputs[0]);
    EXPECT_TRUE(farthest(box.bias, torch::ones({64})) <= 0);
}

TEST(GraphModule, ReleasesNothingThatItStillReads) {
    const Network network(tiny_table());
    const auto picture = torch::rand({1, 3, 64, 64});
    const auto outputs = network.module().forward(picture, Mode::evaluate);
    const auto values = network.module().all_values(picture);
    for (std::size_t i = 0; i < outputs.size(); ++i) {
        const auto node = static_cast<std::size_t>(network.graph.outputs[i]);
        EXPECT_TRUE(farthest(outputs[i], values[node]) <= 0);
    }
}

TEST(GraphModule, AgreesWithDoublesInValueAndGradient) {
    // Doubles take libtorch's plain path: neither Winograd nor the pointwise view.
    const Network network(tiny_table());
    ParameterStore exact(network.graph, torch::kCPU, torch::kFloat64);
    {
        const torch::NoGradGuard no_grad;
        exact.values().copy_(network.store.values());
    }
    const GraphModule module(network.graph, exact, network.table.batch_norm_momentum);
    const auto pictures = torch::rand({4, 3, 64, 64});
    const auto fast = network.module().forward(pictures, Mode::train);
    const auto slow = module.forward(pictures.to(torch::kFloat64), Mode::train);
    torch::Tensor fast_sum = torch::zeros({});
    torch::Tensor slow_sum = torch::zeros({}, torch::kFloat64);
    for (std::size_t i = 0; i < fast.size(); ++i) {
        EXPECT_TRUE(farthest(fast[i], slow[i]) <= 1e-3 * slow[i].abs().max().item<double>());
        fast_sum = fast_sum + fast[i].square().mean();
        slow_sum = slow_sum + slow[i].square().mean();
    }
    fast_sum.backward();
    slow_sum.backward();
    ParameterStore& store = const_cast<Network&>(network).store;
    const double scale = exact.gradients().abs().max().item<double>();
    EXPECT_TRUE(farthest(store.gradients(), exact.gradients()) <= 1e-3 * scale);
    EXPECT_TRUE(farthest(store.statistics(), exact.statistics()) <= 1e-4);
}

TEST(WeightsExchange, KeepsEveryNumberThroughAFile) {
    const TemporaryFolder folder;
    const Network network(tiny_table());
    const auto file = folder.path() / "w.safetensors";
    nn::write_weights(file, to_weights(network.store, network.table, "a test"),
                      nn::StorageType::f32);
    ParameterStore loaded(network.graph, torch::kCPU);
    load_weights(loaded, network.graph, network.table, file);
    EXPECT_TRUE(torch::equal(loaded.values(), network.store.values()));
    EXPECT_TRUE(torch::equal(loaded.statistics(), network.store.statistics()));
    EXPECT_EQ(nn::read_weights(file).metadata.at("classes"), "helmet,head,person");
    EXPECT_EQ(nn::read_weights(file).metadata.at("form"), "training");
}

TEST(WeightsExchange, RefusesTheWeightsOfAnotherModel) {
    const TemporaryFolder folder;
    const Network tiny(tiny_table());
    const auto file = folder.path() / "w.safetensors";
    nn::write_weights(file, to_weights(tiny.store, tiny.table, "a test"), nn::StorageType::f16);
    Network large(nn::ModelTable::load("models/caplamp-s.yaml"));
    const std::string message =
        error_of([&] { load_weights(large.store, large.graph, large.table, file); });
    EXPECT_NE(message.find("w.safetensors"), std::string::npos);
}

TEST(WeightsExchange, BeginsTheSameFromTheSameSeed) {
    const Network first(tiny_table(), 5);
    const Network second(tiny_table(), 5);
    const Network other(tiny_table(), 6);
    EXPECT_TRUE(torch::equal(first.store.values(), second.store.values()));
    EXPECT_FALSE(torch::equal(first.store.values(), other.store.values()));
}

}  // namespace caplamp::training
