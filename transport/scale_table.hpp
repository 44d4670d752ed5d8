// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "core/tensor.hpp"
#include "transport/entropy_model.hpp"
#include "transport/quantise.hpp"

namespace caplamp::transport {

class ByteReader;

/// How one tensor is quantised, learnt from calibration frames.
struct TensorScales {
    std::vector<ChannelRange> ranges;  // one a channel
    EntropyModel entropy{};            // of 16 codes, for rANS; else without tables
    bool operator==(const TensorScales&) const = default;
};

/// The scales of all tensors that cross a cut, at one number of bits.
struct ScaleTable {
    int bits = 8;
    std::vector<TensorScales> tensors;  // in the order of the cut's live values

    /// A hash of the contents: what a frame names its table by.
    std::uint64_t id() const;
    bool operator==(const ScaleTable&) const = default;
};

std::vector<std::uint8_t> to_bytes(const ScaleTable& table);
/// Nothing when the bytes are no table: wrong counts, a step of 0, NaN, impossible frequencies.
std::optional<ScaleTable> parse_scale_table(std::span<const std::uint8_t> bytes);

/// One tensor's part of these bytes.
void append_scales(std::vector<std::uint8_t>& bytes, const TensorScales& scales);
/// False when what comes next is none at `bits` bits.
bool read_scales(ByteReader& reader, int bits, TensorScales& scales);

std::uint64_t fnv1a(std::span<const std::uint8_t> bytes);

}  // namespace caplamp::transport
