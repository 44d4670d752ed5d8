// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <torch/torch.h>

namespace caplamp::training {

/// What one training step sees. All tensors live on the training device.
struct Batch {
    torch::Tensor images;      // [N, 3, S, S] float, RGB, 0..1
    torch::Tensor boxes;       // [M, 4] float, pixels of `images`: x1, y1, x2, y2
    torch::Tensor classes;     // [M] int64
    torch::Tensor picture_of;  // [M] int64, which of the N pictures the box lies in, ascending
    torch::Tensor box_weight;  // [M] float, weight of its box loss (grown boxes count less)
    torch::Tensor labelled;    // [N, C, S/8, S/8] bool: class c is labelled where this cell lies
};

}  // namespace caplamp::training
