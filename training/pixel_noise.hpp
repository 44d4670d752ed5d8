// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace caplamp::training {

/// A bell-shaped number of mean 0 and deviation 1 for one channel of one pixel: the sum of four
/// bytes (Irwin-Hall) of a 32-bit mix whose steps 64-bit tensors can repeat exactly.
inline float pixel_noise(std::uint32_t seed, std::uint32_t index) {
    std::uint32_t x = seed ^ (index * 0x9e3779b9U);
    x = (x ^ (x >> 16)) * 0x7feb352dU;
    x = (x ^ (x >> 15)) * 0x2c1b3c6dU;
    x ^= x >> 16;
    const std::uint32_t sum = (x & 255U) + (x >> 8 & 255U) + (x >> 16 & 255U) + (x >> 24);
    constexpr float mean = 510.0F;
    constexpr float deviation = 147.8F;  // sqrt(4 * (256^2 - 1) / 12)
    return (static_cast<float>(sum) - mean) / deviation;
}

}  // namespace caplamp::training
