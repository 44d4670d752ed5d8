// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/tensor.hpp"

namespace caplamp::test {

/// What a rectified layer gives: smooth in space, mostly zero, each channel of another size.
Tensor rectified_map(Shape shape, unsigned seed);

/// Numbers on both sides of zero, no two alike.
Tensor random_map(Shape shape, unsigned seed);

}  // namespace caplamp::test
