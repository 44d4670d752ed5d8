// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <random>
#include <vector>

#include "core/tensor.hpp"
#include "transport/entropy_model.hpp"
#include "transport/quantise.hpp"
#include "transport/scale_table.hpp"

namespace caplamp::transport {

/// Learns the ranges of one tensor's channels from calibration frames of any size. The highest of
/// ten thousand numbers of a channel does not count: a giant must not cost all others their
/// precision.
class RangeCalibrator {
public:
    explicit RangeCalibrator(int channels);
    /// Throws Error for a number that is not finite.
    void add(TensorView tensor);
    /// For codes of 1 to 8 bits that are not entropy coded: of least squared error among those that
    /// end at the 98th percentile or above. Throws Error when nothing was added.
    std::vector<ChannelRange> ranges(int bits);
    /// For the 16 codes of `q4+rans` down to `q1+rans`: the fewer bits, the longer the step. It is
    /// the same for all channels, so that a weak channel costs few bits instead of the same detail
    /// as a strong one; only a channel that 15 steps cannot hold gets a longer one.
    std::vector<ChannelRange> ranges_for_entropy(int bits);

private:
    void sort();

    std::vector<std::vector<float>> samples_;  // of each channel
    bool sorted_ = true;
    std::mt19937 random_{1};
};

/// Learns the statistics of one tensor's 16 codes in given ranges, for rANS.
class CodeCalibrator {
public:
    explicit CodeCalibrator(std::vector<ChannelRange> ranges);
    /// Throws Error for a number that is not finite.
    void add(TensorView tensor);
    TensorScales scales() const;

private:
    std::vector<ChannelRange> ranges_;
    EntropyModelBuilder counts_;
    CodePlanes planes_;
};

}  // namespace caplamp::transport
