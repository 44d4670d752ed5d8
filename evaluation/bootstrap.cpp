// SPDX-License-Identifier: Apache-2.0
#include "evaluation/bootstrap.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

namespace caplamp::evaluation {
namespace {

struct Ranked {
    std::uint32_t picture;
    bool hit;
};

std::vector<Ranked> counted(const ClassOutcomes& outcomes, const Answer& answer) {
    std::vector<Ranked> ranked;
    for (std::size_t i = 0; i < answer.verdicts.size(); ++i)
        if (answer.verdicts[i] != Verdict::ignored)
            ranked.push_back({outcomes.pictures[i], answer.verdicts[i] == Verdict::hit});
    return ranked;
}

double percentile(const std::vector<double>& sorted, double share) {
    const double place = share * static_cast<double>(sorted.size() - 1);
    const auto below = static_cast<std::size_t>(place);
    const std::size_t above = std::min(below + 1, sorted.size() - 1);
    return sorted[below] + (place - std::floor(place)) * (sorted[above] - sorted[below]);
}

}  // namespace

// The counts of eight rounds when a hit is reached.
struct Bootstrap::Mark {
    std::array<std::uint32_t, lanes> false_alarms;
    Counts weight;
};

Bootstrap::Bootstrap(std::size_t pictures, int rounds, std::uint64_t seed)
    : pictures_(pictures), rounds_(static_cast<std::size_t>(std::max(rounds, 0))) {
    drawn_.resize((rounds_ + lanes - 1) / lanes * pictures_);
    std::mt19937_64 random(seed);
    for (std::size_t round = 0; round < rounds_; ++round) {
        Counts* counts = drawn_.data() + round / lanes * pictures_;
        for (std::size_t i = 0; i < pictures_; ++i) {
            // Not uniform_int_distribution, whose draws differ between standard libraries.
            const std::uint64_t draw = (random() >> 32) * pictures_ >> 32;
            ++counts[draw][round % lanes];
        }
    }
}

std::vector<double> Bootstrap::average_precisions(const ClassOutcomes& outcomes,
                                                  const Answer& answer, Protocol protocol) const {
    const std::vector<Ranked> ranked = counted(outcomes, answer);
    std::vector<double> values;
    std::vector<double> scratch;
    std::vector<Mark> marks;
    Curve curve;
    for (std::size_t block = 0; values.size() < rounds_; ++block) {
        const Counts* counts = counts_of(block);
        std::array<std::uint32_t, lanes> false_alarms{};
        marks.clear();
        for (const Ranked& detection : ranked) {
            const Counts& weight = counts[detection.picture];
            if (detection.hit)
                marks.push_back({false_alarms, weight});
            else
                for (std::size_t lane = 0; lane < lanes; ++lane) false_alarms[lane] += weight[lane];
        }
        std::array<double, lanes> truths{};
        for (std::size_t p = 0; p < pictures_; ++p)
            if (answer.truths[p] > 0)
                for (std::size_t lane = 0; lane < lanes; ++lane)
                    truths[lane] += answer.truths[p] * counts[p][lane];
        for (std::size_t lane = 0; lane < lanes && values.size() < rounds_; ++lane) {
            curve.points.clear();
            curve.truths = truths[lane];
            curve.false_alarms = false_alarms[lane];
            double hits = 0;
            for (const Mark& mark : marks) {
                if (mark.weight[lane] == 0) continue;
                const double weight = mark.weight[lane];
                hits += weight;
                curve.points.push_back(
                    {hits, static_cast<double>(mark.false_alarms[lane]), weight});
            }
            values.push_back(curve.truths > 0 ? average_precision(curve, protocol, scratch)
                                              : std::numeric_limits<double>::quiet_NaN());
        }
    }
    return values;
}

std::optional<Interval> percentile_interval(std::vector<double> values) {
    std::erase_if(values, [](double value) { return std::isnan(value); });
    if (values.empty()) return std::nullopt;
    std::ranges::sort(values);
    return Interval{.low = percentile(values, 0.025), .high = percentile(values, 0.975)};
}

}  // namespace caplamp::evaluation
