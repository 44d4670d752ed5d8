// SPDX-License-Identifier: Apache-2.0
#include "training/optimizer.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/training/tiny_network.hpp"

namespace caplamp::training {
namespace {

struct Pair {
    nn::ModelTable table = tiny_table();
    nn::Graph graph = nn::build_graph(table);
    ParameterStore ours{graph, torch::kCPU};
    torch::Tensor decayed;  // the same numbers for libtorch's optimiser
    torch::Tensor undecayed;

    Pair() {
        const torch::NoGradGuard no_grad;
        torch::manual_seed(1);
        ours.values().copy_(torch::randn_like(ours.values()));
        decayed = ours.values().narrow(0, 0, ours.decayed()).clone();
        undecayed = ours.values().narrow(0, ours.decayed(), rest()).clone();
    }
    std::int64_t rest() const { return ours.values().numel() - ours.decayed(); }

    void set_gradients(int seed) {
        torch::manual_seed(static_cast<std::uint64_t>(seed));
        ours.gradients().copy_(torch::randn_like(ours.gradients()) * 0.01);
        decayed.mutable_grad() = ours.gradients().narrow(0, 0, ours.decayed()).clone();
        undecayed.mutable_grad() = ours.gradients().narrow(0, ours.decayed(), rest()).clone();
    }
    double difference() const { return farthest(ours.values(), torch::cat({decayed, undecayed})); }
};

template <class Theirs, class Options>
double difference_after_steps(const OptimizerConfig& config, const Options& options) {
    Pair pair;
    Optimizer ours(config, pair.ours);
    auto with_decay = options;
    with_decay.weight_decay(config.weight_decay);
    Theirs first({pair.decayed}, with_decay);
    Theirs second({pair.undecayed}, options);
    for (int step = 0; step < 5; ++step) {
        pair.set_gradients(step);
        ours.step(0.01);
        first.step();
        second.step();
    }
    return pair.difference();
}

}  // namespace

TEST(Optimizer, IsLibtorchsAdamWWithDecayOnConvolutionsAlone) {
    OptimizerConfig config;
    config.weight_decay = 0.1;
    const auto options = torch::optim::AdamWOptions(0.01).weight_decay(0);
    EXPECT_TRUE(difference_after_steps<torch::optim::AdamW>(config, options) <= 1e-5);
}

TEST(Optimizer, IsLibtorchsNesterovSgdWithDecayOnConvolutionsAlone) {
    OptimizerConfig config;
    config.kind = OptimizerKind::sgd;
    config.weight_decay = 0.05;
    const auto options = torch::optim::SGDOptions(0.01).momentum(config.momentum).nesterov(true);
    EXPECT_TRUE(difference_after_steps<torch::optim::SGD>(config, options) <= 1e-5);
}

TEST(Optimizer, ShortensGradientsThatAreTooLong) {
    Pair pair;
    pair.ours.gradients().fill_(1);
    const double length = std::sqrt(static_cast<double>(pair.ours.gradients().numel()));
    Optimizer optimizer({}, pair.ours);
    EXPECT_TRUE(std::abs(optimizer.step(0.01) - length) <= 1e-3 * length);
    EXPECT_TRUE(std::abs(pair.ours.gradients().norm().item<double>() - 10) <= 1e-2);
}

TEST(Optimizer, ChangesNothingWhenAGradientIsNotANumber) {
    Pair pair;
    pair.ours.gradients().zero_();
    pair.ours.gradients()[7] = std::numeric_limits<float>::quiet_NaN();
    Optimizer optimizer({}, pair.ours);
    EXPECT_FALSE(std::isfinite(optimizer.step(0.01)));
    EXPECT_EQ(pair.difference(), 0);
    EXPECT_EQ(optimizer.steps(), 0);
}

}  // namespace caplamp::training
