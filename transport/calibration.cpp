// SPDX-License-Identifier: Apache-2.0
#include "transport/calibration.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <limits>
#include <span>
#include <utility>

#include "core/error.hpp"

namespace caplamp::transport {
namespace {

// Of each channel; hundreds of frames then still fit into memory, for a whole backbone.
constexpr std::size_t samples_a_frame = 256;

// Steps of q1+rans to q4+rans, in root mean squares of the tensor. Chosen on hard hats at the cut
// 4-5: 0.6, 0.85, 1.1 and 1.4 bits a number (bench/README.md).
constexpr std::array<double, 4> steps{2.4, 1.6, 1.1, 0.75};

constexpr std::size_t giant_share = 10000;  // one of so many

std::span<const float> without_giants(std::span<const float> sorted) {
    const std::size_t giants = (sorted.size() + giant_share - 1) / giant_share;
    return sorted.size() > giants ? sorted.first(sorted.size() - giants) : sorted;
}

/// A channel that never changes still needs a step that can be divided by.
ChannelRange with_step(float low, float step) {
    return {low, std::max(step, std::max(std::abs(low) * 1e-6F, 1e-6F))};
}

/// From the least of the sorted numbers up to `high`.
ChannelRange range_up_to(std::span<const float> sorted, float high, int levels) {
    const float low = sorted.front();
    return with_step(low, (high - low) / static_cast<float>(levels - 1));
}

double squared_error(std::span<const float> sorted, ChannelRange range, int levels) {
    double sum = 0;
    for (const float value : sorted) {
        const float place = std::round((value - range.low) / range.step);
        const float code = std::clamp(place, 0.0F, static_cast<float>(levels - 1));
        const double difference = value - (range.low + code * range.step);
        sum += difference * difference;
    }
    return sum;
}

ChannelRange best_range(std::span<const float> sorted, int levels) {
    ChannelRange best;
    double least = std::numeric_limits<double>::infinity();
    for (const double share : {0.98, 0.99, 0.995, 0.998, 0.999, 0.9995, 1.0}) {
        const auto last = static_cast<double>(sorted.size() - 1);
        const float high = sorted[static_cast<std::size_t>(std::llround(share * last))];
        const ChannelRange range = range_up_to(sorted, high, levels);
        const double error = squared_error(sorted, range, levels);
        if (error < least) {
            least = error;
            best = range;
        }
    }
    return best;
}

double root_mean_square(const std::vector<std::vector<float>>& samples) {
    double sum = 0;
    double count = 0;
    for (const std::vector<float>& channel : samples) {
        for (const float value : channel) sum += static_cast<double>(value) * value;
        count += static_cast<double>(channel.size());
    }
    return std::sqrt(sum / count);
}

}  // namespace

RangeCalibrator::RangeCalibrator(int channels) : samples_(static_cast<std::size_t>(channels)) {}

void RangeCalibrator::add(TensorView tensor) {
    const Shape shape = tensor.shape();
    assert(static_cast<std::size_t>(shape.channels) == samples_.size() && shape.plane() > 0);
    const std::size_t wanted = std::min(samples_a_frame, shape.plane());
    std::uniform_int_distribution<std::size_t> anywhere(0, shape.plane() - 1);
    for (std::size_t i = 0; i < wanted; ++i) {
        const std::size_t place = wanted == shape.plane() ? i : anywhere(random_);
        for (int c = 0; c < shape.channels; ++c) {
            const float value = tensor.channel(c)[place];
            if (!std::isfinite(value)) throw Error("calibration: a feature is not a number");
            samples_[static_cast<std::size_t>(c)].push_back(value);
        }
    }
    sorted_ = false;
}

void RangeCalibrator::sort() {
    if (samples_.empty() || samples_.front().empty()) throw Error("calibration: no frame was seen");
    if (sorted_) return;
    for (std::vector<float>& samples : samples_) std::ranges::sort(samples);
    sorted_ = true;
}

std::vector<ChannelRange> RangeCalibrator::ranges(int bits) {
    assert(bits >= 1 && bits <= 8);
    sort();
    std::vector<ChannelRange> ranges;
    for (const std::vector<float>& samples : samples_) {
        ranges.push_back(best_range(without_giants(samples), 1 << bits));
    }
    return ranges;
}

std::vector<ChannelRange> RangeCalibrator::ranges_for_entropy(int bits) {
    assert(bits >= 1 && bits <= 4);
    sort();
    const double share = steps[static_cast<std::size_t>(bits) - 1];
    const auto step = static_cast<float>(share * root_mean_square(samples_));
    std::vector<ChannelRange> ranges;
    for (const std::vector<float>& samples : samples_) {
        const std::span<const float> sorted = without_giants(samples);
        const ChannelRange whole = range_up_to(sorted, sorted.back(), most_symbols);
        ranges.push_back(with_step(whole.low, std::max(step, whole.step)));
    }
    return ranges;
}

CodeCalibrator::CodeCalibrator(std::vector<ChannelRange> ranges)
    : ranges_(std::move(ranges)), counts_(static_cast<int>(ranges_.size()), most_symbols) {}

void CodeCalibrator::add(TensorView tensor) {
    if (!quantise(tensor, ranges_, most_symbols, planes_)) {
        throw Error("calibration: a feature is not a number");
    }
    counts_.add(planes_);
}

TensorScales CodeCalibrator::scales() const {
    return {.ranges = ranges_, .entropy = counts_.build()};
}

}  // namespace caplamp::transport
