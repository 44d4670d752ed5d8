// SPDX-License-Identifier: Apache-2.0
#include "evaluation/bootstrap.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

namespace caplamp::evaluation {
namespace {

// The detections that count, best first: runs of false alarms, each (but the last) ended by a hit.
struct Runs {
    std::vector<std::uint32_t> false_alarms;  // the picture of each
    std::vector<std::size_t> ends;            // of the run before each hit
    std::vector<std::uint32_t> hits;          // the picture of each
};

Runs runs_of(const ClassOutcomes& outcomes, const Answer& answer) {
    Runs runs;
    for (std::size_t i = 0; i < answer.verdicts.size(); ++i) {
        if (answer.verdicts[i] == Verdict::false_alarm)
            runs.false_alarms.push_back(outcomes.pictures[i]);
        if (answer.verdicts[i] != Verdict::hit) continue;
        runs.ends.push_back(runs.false_alarms.size());
        runs.hits.push_back(outcomes.pictures[i]);
    }
    return runs;
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

// Adds up what stands between two hits. The sums are local, so that they stay in registers.
Bootstrap::Sums Bootstrap::sum_of(std::span<const std::uint32_t> pictures, const Counts* counts) {
    Sums sums{};
    for (const std::uint32_t picture : pictures)
        for (std::size_t lane = 0; lane < lanes; ++lane) sums[lane] += counts[picture][lane];
    return sums;
}

std::vector<double> Bootstrap::average_precisions(const ClassOutcomes& outcomes,
                                                  const Answer& answer, Protocol protocol) const {
    const Runs runs = runs_of(outcomes, answer);
    const std::span<const std::uint32_t> alarms(runs.false_alarms);
    std::vector<double> values;
    std::vector<Mark> marks(runs.hits.size());
    for (std::size_t block = 0; values.size() < rounds_; ++block) {
        const Counts* counts = counts_of(block);
        Sums false_alarms{};
        std::size_t done = 0;
        const auto walk_to = [&](std::size_t end) {
            const Sums more = sum_of(alarms.subspan(done, end - done), counts);
            for (std::size_t lane = 0; lane < lanes; ++lane) false_alarms[lane] += more[lane];
            done = end;
        };
        for (std::size_t hit = 0; hit < runs.hits.size(); ++hit) {
            walk_to(runs.ends[hit]);
            marks[hit] = {false_alarms, counts[runs.hits[hit]]};
        }
        walk_to(alarms.size());
        Sums truths{};
        for (std::size_t p = 0; p < pictures_; ++p)
            for (std::size_t lane = 0; lane < lanes; ++lane)
                truths[lane] += static_cast<std::uint32_t>(answer.truths[p]) * counts[p][lane];
        for (std::size_t lane = 0; lane < lanes && values.size() < rounds_; ++lane)
            values.push_back(score_lane(marks, lane, truths[lane], false_alarms[lane], protocol));
    }
    return values;
}

double Bootstrap::score_lane(std::span<const Mark> marks, std::size_t lane, std::uint32_t truths,
                             std::uint32_t false_alarms, Protocol protocol) {
    if (truths == 0) return std::numeric_limits<double>::quiet_NaN();
    Curve curve;
    curve.points.reserve(marks.size());
    curve.truths = truths;
    curve.false_alarms = false_alarms;
    double hits = 0;
    for (const Mark& mark : marks) {
        if (mark.weight[lane] == 0) continue;
        const double weight = mark.weight[lane];
        hits += weight;
        curve.points.push_back({hits, static_cast<double>(mark.false_alarms[lane]), weight});
    }
    return average_precision(curve, protocol);
}

std::optional<Interval> percentile_interval(std::vector<double> values) {
    std::erase_if(values, [](double value) { return std::isnan(value); });
    if (values.empty()) return std::nullopt;
    std::ranges::sort(values);
    return Interval{.low = percentile(values, 0.025), .high = percentile(values, 0.975)};
}

}  // namespace caplamp::evaluation
