// SPDX-License-Identifier: Apache-2.0
#include "transport/quantise.hpp"

#include <bit>
#include <cassert>
#include <cstddef>
#include <cstdint>

namespace caplamp::transport {
namespace {

/// Returns whether all are finite. Plain enough for the compiler to vectorise.
bool quantise_row(const float* values, int count, ChannelRange range, float top,
                  std::uint8_t* codes) {
    const float scale = 1.0F / range.step;
    const float offset = 0.5F - range.low * scale;
    std::uint32_t largest = 0;
    for (int i = 0; i < count; ++i) {
        const std::uint32_t magnitude = std::bit_cast<std::uint32_t>(values[i]) & 0x7fffffffU;
        largest = magnitude > largest ? magnitude : largest;
        const float place = values[i] * scale + offset;
        const float above = place > 0.0F ? place : 0.0F;
        codes[i] = static_cast<std::uint8_t>(static_cast<int>(above < top ? above : top));
    }
    return largest < 0x7f800000U;
}

}  // namespace

bool quantise(TensorView tensor, std::span<const ChannelRange> ranges, int levels,
              CodePlanes& into) {
    const Shape shape = tensor.shape();
    assert(ranges.size() == static_cast<std::size_t>(shape.channels) && levels <= 256);
    into.reset(shape);
    const auto top = static_cast<float>(levels - 1);
    bool finite = true;
    for (int c = 0; c < shape.channels; ++c) {
        const float* values = tensor.channel(c).data();
        for (int y = 0; y < shape.height; ++y, values += shape.width) {
            finite &= quantise_row(values, shape.width, ranges[static_cast<std::size_t>(c)], top,
                                   into.row(c, y));
        }
    }
    return finite;
}

void dequantise(const CodePlanes& codes, std::span<const ChannelRange> ranges,
                MutableTensorView into) {
    const Shape shape = codes.shape();
    assert(into.shape() == shape && ranges.size() == static_cast<std::size_t>(shape.channels));
    for (int c = 0; c < shape.channels; ++c) {
        const ChannelRange range = ranges[static_cast<std::size_t>(c)];
        float* values = into.channel(c).data();
        for (int y = 0; y < shape.height; ++y, values += shape.width) {
            const std::uint8_t* const row = codes.row(c, y);
            for (int x = 0; x < shape.width; ++x) {
                values[x] = range.low + static_cast<float>(row[x]) * range.step;
            }
        }
    }
}

}  // namespace caplamp::transport
