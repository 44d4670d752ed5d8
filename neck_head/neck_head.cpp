// SPDX-License-Identifier: Apache-2.0
#include "neck_head/neck_head.hpp"

#include <utility>

namespace caplamp::neck_head {
namespace {

nn::ExecutableConfig slice_after(const nn::Graph& graph, const NeckHeadConfig& config) {
    const int begin = config.cut.empty() ? graph.backbone_end() : graph.end_of_layer(config.cut);
    return {.input = config.picture, .begin = begin, .threads = config.threads};
}

}  // namespace

PostConfig PostConfig::evaluation() {
    return {.decode = {.score = 0.001F, .multi_label = true}, .nms = {}};
}

PostProcess::PostProcess(HeadLayout layout) : layout_(std::move(layout)) {}

const Detections& PostProcess::run(std::span<const TensorView> maps, const PostConfig& config) {
    decode(maps, layout_, config.decode, boxes_);
    keep_best(boxes_, config.nms);
    return boxes_;
}

NeckHead::NeckHead(const nn::Graph& graph, const nn::Weights& weights, const NeckHeadConfig& config)
    : executable_(graph, weights, slice_after(graph, config)) {}

std::span<const TensorView> NeckHead::run() {
    executable_.run();
    maps_.clear();
    for (std::size_t i = 0; i < executable_.output_values().size(); ++i) {
        maps_.push_back(executable_.output(i));
    }
    return maps_;
}

}  // namespace caplamp::neck_head
