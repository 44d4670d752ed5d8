// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <random>
#include <span>
#include <vector>

#include "core/tensor.hpp"
#include "transport/entropy_model.hpp"
#include "transport/quantise.hpp"

namespace caplamp::transport {

/// How one tensor is quantised, learnt from calibration frames.
struct TensorScales {
    std::vector<ChannelRange> ranges;  // one a channel
    EntropyModel entropy{};            // of codes of at most 4 bits; else without tables
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

/// Learns one tensor's scales from calibration frames of any size: ranges of least squared error
/// among those that end between the 98th and the 99.95th percentile (a single giant must not cost
/// all others their precision), then the statistics of the codes they give.
class ScaleCalibrator {
public:
    explicit ScaleCalibrator(int channels);
    /// Throws Error for a number that is not finite.
    void add_for_ranges(TensorView tensor);
    /// After the last add_for_ranges(); throws Error when nothing was added.
    void choose_ranges(int bits);
    void add_for_codes(TensorView tensor);
    TensorScales scales() const;

private:
    std::vector<std::vector<float>> samples_;  // of each channel
    std::mt19937 random_{1};
    int bits_ = 0;
    std::vector<ChannelRange> ranges_;
    std::optional<EntropyModelBuilder> codes_;
    CodePlanes planes_;
};

}  // namespace caplamp::transport
