// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "training/torch.hpp"

namespace caplamp::training {

/// While it lives, this thread's convolutions on a CUDA device run in bf16 (autocast). On the CPU
/// it does nothing: bf16 without AMX or AVX512-BF16 is slower than f32.
class MixedPrecision {
public:
    explicit MixedPrecision(torch::Device device);
    ~MixedPrecision();
    MixedPrecision(const MixedPrecision&) = delete;
    MixedPrecision& operator=(const MixedPrecision&) = delete;

private:
    bool active_;
};

}  // namespace caplamp::training
