// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <vector>

#include "nn/kernels/kernel.hpp"

namespace caplamp::nn {

using Floats = std::vector<float, CacheAlignedAllocator<float>>;

inline constexpr Layout layouts[] = {Layout::plain, Layout::blocked_8, Layout::blocked_16};

/// Odd sizes, one row, smaller than a kernel, and some that fill tiles.
inline constexpr Shape sizes[] = {{0, 7, 5}, {0, 1, 9}, {0, 3, 3}, {0, 12, 16}, {0, 13, 18}};

/// Between -1 and 1.
Floats random_floats(std::size_t count, unsigned seed);

/// Runs with an output that must be written whole, padding included.
Floats run(Kernel& kernel, const std::vector<Floats>& inputs, Floats output);

/// An output of NaN.
Floats nothing(Shape shape, Layout layout);

Floats reordered(const Floats& values, Shape shape, Layout from, Layout to);

/// Whether a result in some layout is the plain one, with zeros as padding.
testing::AssertionResult equals(const Floats& result, Shape shape, Layout layout,
                                const Floats& plain, float tolerance);

}  // namespace caplamp::nn
