// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "core/detection.hpp"

namespace caplamp::neck_head {

struct NmsConfig {
    float iou = 0.7F;  // of two boxes of one class above this, the weaker one goes
    std::size_t max_boxes = 300;
    std::size_t max_candidates = 30000;  // the weakest beyond these are not looked at
};

/// Greedy class-aware non-maximum suppression, best score first; of equal scores the one that
/// came first. Leaves the survivors in that order.
void keep_best(Detections& candidates, const NmsConfig& config);

}  // namespace caplamp::neck_head
