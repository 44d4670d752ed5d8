// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "transport/code_planes.hpp"

namespace caplamp::transport {

/// Appends the codes (below 2^bits, 1 to 8 bits each) without gaps, channel, row, column, the first
/// in the lowest bits.
void pack(const CodePlanes& codes, int bits, std::vector<std::uint8_t>& into);

/// Fills `codes`, whose shape is set, from as many bytes as pack() makes of that shape.
void unpack(std::span<const std::uint8_t> bytes, int bits, CodePlanes& codes);

}  // namespace caplamp::transport
