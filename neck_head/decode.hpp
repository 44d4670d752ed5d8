// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "core/detection.hpp"
#include "core/tensor.hpp"
#include "nn/model_table.hpp"

namespace caplamp::neck_head {

/// What the head's raw maps mean.
struct HeadLayout {
    std::vector<int> strides;  // of each scale, in input pixels
    int reg_max = 16;          // bins of the distance from a cell's centre to each side

    static HeadLayout of(const nn::ModelTable& table);
};

struct DecodeConfig {
    float score = 0.25F;       // least score of a candidate, 0..1
    bool multi_label = false;  // every class above `score` is a candidate, not only the best
};

/// Raw maps (per scale box bins [4 reg_max, h, w], then class logits [classes, h, w]) to boxes in
/// letterboxed pixels; anchor-free: a side's distance is the expectation of its softmax over the
/// bins (DFL, Li et al. 2020, eq. 5), counted in strides from the cell's centre. Only cells whose
/// logit passes `score` are evaluated. Order: scale, cell, class. Throws Error when a logit is not
/// a number, because such a network has seen nothing, rather than nobody.
void decode(std::span<const TensorView> maps, const HeadLayout& layout, const DecodeConfig& config,
            Detections& into);

}  // namespace caplamp::neck_head
