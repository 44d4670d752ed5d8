// SPDX-License-Identifier: Apache-2.0
#include "backbone/backbone.hpp"

namespace caplamp::backbone {
namespace {

nn::ExecutableConfig slice_before(const nn::Graph& graph, const BackboneConfig& config) {
    const int end = config.cut.empty() ? graph.backbone_end() : graph.end_of_layer(config.cut);
    return {.input = config.picture, .end = end, .threads = config.threads};
}

}  // namespace

Backbone::Backbone(const nn::Graph& graph, const nn::Weights& weights, const BackboneConfig& config)
    : executable_(graph, weights, slice_before(graph, config)) {}

const std::vector<TensorView>& Backbone::run() {
    executable_.run();
    features_.clear();
    for (std::size_t i = 0; i < feature_values().size(); ++i) {
        features_.push_back(executable_.output(i));
    }
    return features_;
}

}  // namespace caplamp::backbone
