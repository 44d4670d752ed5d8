// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "nn/kernels/kernel.hpp"

namespace caplamp::nn::winograd {

/// Our own F(4x4, 3x3) for maps in blocks of 8 channels: 3x3, stride 1, one group, on machines
/// with AVX2. Rounds a little more than a direct convolution, about 1e-6 of the largest number.
std::unique_ptr<Kernel> make_conv(const ConvRequest& request);

}  // namespace caplamp::nn::winograd
