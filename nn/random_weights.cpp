// SPDX-License-Identifier: Apache-2.0
#include "nn/random_weights.hpp"

#include <cmath>
#include <numbers>
#include <random>

namespace caplamp::nn {
namespace {

/// Numbers that do not depend on the standard library's distributions.
class Dice {
public:
    explicit Dice(std::uint32_t seed) : engine_(seed) {}

    float between(float low, float high) {
        return low + (high - low) * static_cast<float>(engine_() >> 8) / 16777216.0F;
    }

    /// Box and Muller 1958.
    float normal(float deviation) {
        const float radius = std::sqrt(-2.0F * std::log(between(1e-6F, 1.0F)));
        return deviation * radius * std::cos(between(0.0F, 2.0F * std::numbers::pi_v<float>));
    }

private:
    std::mt19937 engine_;
};

std::size_t count_of(const std::vector<int>& shape) {
    std::size_t count = 1;
    for (const int side : shape) count *= static_cast<std::size_t>(side);
    return count;
}

/// Branches of one sum share its variance.
float gain_of(const Graph& graph, std::size_t value) {
    for (const Node& node : graph.nodes) {
        if (node.kind != OpKind::add) continue;
        for (const int input : node.inputs) {
            if (static_cast<std::size_t>(input) != value) continue;
            return 1.0F / std::sqrt(static_cast<float>(node.inputs.size()));
        }
    }
    return 1.0F;
}

void fill_conv(const Node& node, std::map<std::string, Array>& arrays, Dice& dice) {
    const ConvGeometry& g = node.conv;
    const int taps = g.inputs / g.groups * g.kernel * g.kernel;
    for (float& weight : arrays[node.name + ".weight"].values) {
        weight = dice.normal(std::sqrt(2.0F / static_cast<float>(taps)));
    }
    if (!g.bias) return;
    for (float& bias : arrays[node.name + ".bias"].values) bias = dice.normal(0.2F);
}

void fill_batch_norm(const Node& node, float gain, std::map<std::string, Array>& arrays,
                     Dice& dice) {
    for (float& x : arrays[node.name + ".weight"].values) x = gain * dice.between(0.8F, 1.4F);
    for (float& x : arrays[node.name + ".bias"].values) x = dice.normal(0.2F);
    for (float& x : arrays[node.name + ".running_mean"].values) x = dice.normal(0.1F);
    for (float& x : arrays[node.name + ".running_var"].values) x = dice.between(0.6F, 1.4F);
}

}  // namespace

Weights random_weights(const Graph& graph, std::uint32_t seed) {
    Weights weights;
    for (const auto& [name, shape] : arrays_of(graph)) {
        weights.arrays[name] = {shape, std::vector<float>(count_of(shape))};
    }
    weights.metadata["model"] = graph.model;
    weights.metadata["provenance"] = "random, seed " + std::to_string(seed);
    Dice dice(seed);
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
        const Node& node = graph.nodes[i];
        if (node.kind == OpKind::conv) fill_conv(node, weights.arrays, dice);
        if (node.kind == OpKind::batch_norm) {
            fill_batch_norm(node, gain_of(graph, i), weights.arrays, dice);
        }
    }
    return weights;
}

}  // namespace caplamp::nn
