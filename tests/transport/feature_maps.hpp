// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "core/tensor.hpp"
#include "transport/codec.hpp"
#include "transport/scale_table.hpp"

namespace caplamp::test {

/// What a rectified layer gives: smooth in space, mostly zero, each channel of another size.
Tensor rectified_map(Shape shape, unsigned seed);

/// What the codec wants, calibrated on these maps; q8's for a codec that wants none.
transport::TensorScales scales_of(const std::vector<Tensor>& maps, const transport::Codec& codec);

/// Numbers on both sides of zero, no two alike.
Tensor random_map(Shape shape, unsigned seed);

}  // namespace caplamp::test
