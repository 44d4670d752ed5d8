// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "nn/model_table.hpp"

namespace caplamp::nn {

/// Every operator there is, with widths that fill whole blocks of 8 or 16 channels and widths that
/// do not.
inline ModelTable small_table() {
    return ModelTable::parse(R"(
name: small
classes: [helmet, head, person]
batch_norm: {epsilon: 0.001, momentum: 0.03}
backbone:
  - {layer: "0",   op: Conv,     channels: 16, kernel: 3, stride: 2}
  - {layer: "1",   op: Conv,     channels: 12, kernel: 3, stride: 2}
  - {layer: "2-0", op: RepBlock, channels: 12, kernel: 3, stride: 1}
  - {layer: "2-1", op: RepBlock, channels: 24, kernel: 3, stride: 1}
  - {layer: "3",   op: Conv,     channels: 32, kernel: 3, stride: 2}
  - {layer: "4",   op: RepBlock, channels: 32, kernel: 3, stride: 1}
  - {layer: "5",   op: SPPF,     channels: 32, kernel: 5, stride: 1}
neck:
  - {layer: "6", op: Upsample, factor: 2}
  - {layer: "7", op: Concat, from: ["6", "2-1"]}
  - {layer: "8", op: C2f, channels: 32, repeats: 2}
  - {layer: "9", op: Conv, channels: 20, kernel: 3, stride: 2}
  - {layer: "10", op: Concat, from: ["9", "5"]}
  - {layer: "11", op: C2f, channels: 24, repeats: 1}
head:
  - {layer: "12", op: Detect, from: ["8", "11"], strides: [4, 8],
     box_channels: 16, class_channels: 16, reg_max: 16}
)",
                             "small.yaml");
}

}  // namespace caplamp::nn
