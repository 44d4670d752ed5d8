// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

#include "core/tensor.hpp"

namespace caplamp::nn {

/// How the floats of one feature map lie in memory. plain: channel, row, column. blocked_B: block
/// of B channels, row, column, channel within the block; channels are padded to a multiple of B
/// and the padding holds zeros. For one picture a range of whole blocks is one piece of memory, so
/// concatenation and slicing need no copies in either.
enum class Layout { plain, blocked_8, blocked_16 };

std::string_view to_string(Layout layout);

/// Channels per block: 1, 8 or 16.
int block_of(Layout layout);

int padded_channels(int channels, Layout layout);

/// Floats that a map occupies, padding included.
std::size_t floats_of(Shape shape, Layout layout);

/// Where one number lies, counted in floats.
inline std::size_t index_of(Shape shape, int block, int channel, std::size_t pixel) {
    const auto b = static_cast<std::size_t>(block);
    const auto c = static_cast<std::size_t>(channel);
    return (c / b * shape.plane() + pixel) * b + c % b;
}

}  // namespace caplamp::nn
