// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "evaluation/class_outcomes.hpp"

namespace caplamp::evaluation {

/// A percentile interval: 95 % of the rounds lie between.
struct Interval {
    double low = 0;
    double high = 0;
};

/// Average precision over test sets as they might have been: each round draws as many pictures
/// as there are, with replacement (Efron 1979). The unit is the picture and not the detection,
/// because things in one picture are found or missed together. The same seed draws the same
/// pictures on every machine, and all classes are scored on the same draws.
class Bootstrap {
public:
    Bootstrap(std::size_t pictures, int rounds, std::uint64_t seed);

    /// One value a round; NaN where a round drew no truth of the class.
    std::vector<double> average_precisions(const ClassOutcomes& outcomes, const Answer& answer,
                                           Protocol protocol) const;

private:
    // Eight rounds go through the detections side by side: their eight counts of a picture lie
    // together, and fill one vector register.
    static constexpr std::size_t lanes = 8;
    using Counts = std::array<std::uint16_t, lanes>;
    using Sums = std::array<std::uint32_t, lanes>;
    struct Mark;
    static Sums sum_of(std::span<const std::uint32_t> pictures, const Counts* counts);
    static double score_lane(std::span<const Mark> marks, std::size_t lane, std::uint32_t truths,
                             std::uint32_t false_alarms, Protocol protocol);
    const Counts* counts_of(std::size_t block) const { return &drawn_[block * pictures_]; }

    std::size_t pictures_;
    std::size_t rounds_;
    std::vector<Counts> drawn_;  // how often, by block of rounds and picture
};

/// Nothing when every value is NaN.
std::optional<Interval> percentile_interval(std::vector<double> values);

}  // namespace caplamp::evaluation
