// SPDX-License-Identifier: Apache-2.0
#include "neck_head/neck_head.hpp"

#include <algorithm>
#include <utility>

#include "core/error.hpp"

namespace caplamp::neck_head {
namespace {

nn::ExecutableConfig slice_after(const nn::Graph& graph, const NeckHeadConfig& config) {
    const int begin = config.cut.empty() ? graph.backbone_end() : graph.end_of_layer(config.cut);
    return {.input = config.picture, .begin = begin, .threads = config.threads};
}

std::string text_of(Shape shape) {
    return std::to_string(shape.channels) + "x" + std::to_string(shape.height) + "x" +
           std::to_string(shape.width);
}

}  // namespace

PostConfig PostConfig::evaluation() {
    return {.decode = {.score = 0.001F, .multi_label = true}, .nms = {}};
}

PostProcess::PostProcess(HeadLayout layout, const PostConfig& config)
    : layout_(std::move(layout)), config_(config) {}

const Detections& PostProcess::run(std::span<const TensorView> maps) {
    decode(maps, layout_, config_.decode, boxes_);
    keep_best(boxes_, config_.nms);
    return boxes_;
}

NeckHead::NeckHead(const nn::Graph& graph, const nn::Weights& weights, const nn::ModelTable& table,
                   const NeckHeadConfig& config)
    : executable_(graph, weights, slice_after(graph, config)),
      post_(HeadLayout::of(table), config.post) {}

const Detections& NeckHead::run(std::span<const TensorView> features) {
    const std::size_t wanted = feature_values().size();
    if (features.size() != wanted) {
        throw Error("features: " + std::to_string(features.size()) + " tensors instead of " +
                    std::to_string(wanted));
    }
    for (std::size_t i = 0; i < wanted; ++i) {
        const MutableTensorView input = executable_.input(i);
        if (features[i].shape() != input.shape()) {
            throw Error("features: tensor " + std::to_string(i) + " is " +
                        text_of(features[i].shape()) + " instead of " + text_of(input.shape()));
        }
        std::ranges::copy(features[i].data(), input.data().begin());
    }
    executable_.run();
    maps_.clear();
    for (std::size_t i = 0; i < executable_.output_values().size(); ++i) {
        maps_.push_back(executable_.output(i));
    }
    return post_.run(maps_);
}

}  // namespace caplamp::neck_head
