// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "core/detection.hpp"
#include "neck_head/nms.hpp"
#include "training/torch.hpp"

namespace caplamp::training {

/// Ultralytics' defaults for evaluation.
struct DetectionConfig {
    float score = 0.001F;
    neck_head::NmsConfig nms;
};

/// The graph's outputs as detections in network pixels, per picture: every class of every cell
/// above the score, class-aware non-maximum suppression, best first.
std::vector<Detections> detections_of(const std::vector<torch::Tensor>& outputs,
                                      const std::vector<int>& strides,
                                      const DetectionConfig& config);

}  // namespace caplamp::training
