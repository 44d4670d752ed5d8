// SPDX-License-Identifier: Apache-2.0
// The engine equals the trainer: caplamp-train writes the output of every layer, computed by
// libtorch, for random weights and a random picture.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "naive_network.hpp"
#include "nn/executable.hpp"
#include "nn/random_weights.hpp"
#include "nn/reparameterise.hpp"

namespace caplamp::nn {
namespace {

namespace fs = std::filesystem;

[[maybe_unused]] constexpr const char* model_file = "models/caplamp-s.yaml";
constexpr Shape input{3, 64, 96};
constexpr double tolerance = 1e-4;

class EqualsTrainer : public testing::Test {
protected:
    static void SetUpTestSuite() {
#ifdef CAPLAMP_TRAINER
        folder_ = fs::temp_directory_path() / ("caplamp-layers-" + std::to_string(getpid()));
        fs::create_directories(folder_);
        graph_ = build_graph(ModelTable::load(model_file));
        weights_ = random_weights(graph_, 11);
        const fs::path file = folder_ / "weights.safetensors";
        write_weights(file, weights_, StorageType::f32);
        const std::string command =
            std::string("\"") + CAPLAMP_TRAINER + "\" --model " + model_file + " --weights \"" +
            file.string() + "\" --picture-size 96x64 --dump-layers \"" + folder_.string() + "\"";
        ASSERT_EQ(std::system(command.c_str()), 0) << command;
        layers_ = read_weights(folder_ / "layers.safetensors");
#endif
    }

    static void TearDownTestSuite() {
        if (!folder_.empty()) fs::remove_all(folder_);
    }

    void SetUp() override {
#ifndef CAPLAMP_TRAINER
        GTEST_SKIP() << "caplamp-train is not built (libtorch is missing or CAPLAMP_TRAINING off)";
#endif
    }

    /// Runs the network so that it gives out all nodes of the kinds that the trainer has too.
    static void compare(Graph graph, const Weights& weights, const std::string& form) {
        graph.outputs.clear();
        for (std::size_t i = 1; i < graph.nodes.size(); ++i) {
            const OpKind kind = graph.nodes[i].kind;
            const bool is_last = kind == OpKind::conv && graph.nodes[i].name.ends_with(".out");
            const bool in_both =
                form == "training" || is_last || (kind != OpKind::conv && kind != OpKind::add);
            if (in_both) graph.outputs.push_back(static_cast<int>(i));
        }
        Executable executable(graph, weights, {.input = input});
        const Array& picture = layers_.at("picture");
        ASSERT_EQ(picture.values.size(), input.size());
        std::ranges::copy(picture.values, executable.input(0).data().begin());
        executable.run();
        for (std::size_t i = 0; i < graph.outputs.size(); ++i) {
            const std::string& name = graph.nodes[static_cast<std::size_t>(graph.outputs[i])].name;
            const auto ours = executable.output(i).data();
            const auto& theirs = layers_.at(name).values;
            const Doubles expected(theirs.begin(), theirs.end());
            EXPECT_LE(relative_error({ours.begin(), ours.end()}, expected), tolerance)
                << form << ": " << name;
        }
    }

    static fs::path folder_;
    static Graph graph_;
    static Weights weights_;
    static Weights layers_;
};

fs::path EqualsTrainer::folder_;
Graph EqualsTrainer::graph_;
Weights EqualsTrainer::weights_;
Weights EqualsTrainer::layers_;

TEST_F(EqualsTrainer, EveryNodeOfTheTrainingForm) {
    EXPECT_EQ(layers_.arrays.size(), graph_.nodes.size());
    compare(graph_, weights_, "training");
}

TEST_F(EqualsTrainer, EveryLayerOfTheFusedForm) {
    const Model model = reparameterise(graph_, weights_);
    compare(model.graph, model.weights, "fused");
}

TEST_F(EqualsTrainer, EveryLayerInEveryExactBranchState) {
    const std::vector<Region> regions = find_regions(graph_);
    const auto block =
        std::ranges::find(regions, 3U, [](const Region& region) { return region.branches.size(); });
    ASSERT_NE(block, regions.end());
    for (const BranchState& state : all_states(*block)) {
        if (!is_exact(*block, state)) continue;
        RegionStates states;
        for (const Region& region : regions) {
            if (region.branches.size() == 3) states[region.name] = state;
        }
        const Model model = reparameterise(graph_, weights_, states);
        compare(model.graph, model.weights, to_text(*block, state));
    }
}

}  // namespace
}  // namespace caplamp::nn
