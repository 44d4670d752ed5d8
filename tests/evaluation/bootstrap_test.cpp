// SPDX-License-Identifier: Apache-2.0
#include "evaluation/bootstrap.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "evaluation/evaluate.hpp"
#include "naive_average_precision.hpp"

namespace caplamp::evaluation {
namespace {

// One thing a picture; every picture with an even number has it found.
std::vector<PictureResult> half_found(int count) {
    std::vector<PictureResult> pictures;
    for (int i = 0; i < count; ++i) {
        PictureResult picture;
        picture.truths = {{.class_id = 0, .box = {0, 0, 10, 10}}};
        const float x = i % 2 == 0 ? 0.0f : 50.0f;
        picture.detections = {
            {.class_id = 0, .score = 0.5f + 0.4f * float(i) / float(count), .box = {x, 0, 10, 10}}};
        pictures.push_back(picture);
    }
    return pictures;
}

ClassOutcomes outcomes_of(const std::vector<PictureResult>& pictures, Protocol protocol) {
    const Question question;
    return judge_class(pictures, 0, protocol, std::span(&question, 1));
}

// Draws the same pictures as the bootstrap by its documented rule, copies them, and scores the
// copy as a test set of its own.
std::vector<double> rounds_by_copying(const std::vector<PictureResult>& pictures, int rounds,
                                      std::uint64_t seed, Protocol protocol) {
    std::mt19937_64 random(seed);
    std::vector<double> values;
    for (int round = 0; round < rounds; ++round) {
        std::vector<int> times(pictures.size(), 0);
        for (std::size_t i = 0; i < pictures.size(); ++i)
            ++times[((random() >> 32) * pictures.size()) >> 32];
        std::vector<PictureResult> drawn;
        for (std::size_t p = 0; p < pictures.size(); ++p)
            drawn.insert(drawn.end(), std::size_t(times[p]), pictures[p]);
        values.push_back(naive_average_precision(drawn, 0, protocol, 0.5)
                             .value_or(std::numeric_limits<double>::quiet_NaN()));
    }
    return values;
}

TEST(Bootstrap, ScoresEachRoundAsIfItsPicturesWereCopied) {
    std::vector<PictureResult> pictures = half_found(9);
    pictures[2].truths.push_back({.class_id = 0, .box = {80, 0, 9, 9}});
    pictures[4].truths.clear();
    for (const Protocol protocol : all_protocols) {
        const ClassOutcomes outcomes = outcomes_of(pictures, protocol);
        const auto fast = Bootstrap(pictures.size(), 61, 7)
                              .average_precisions(outcomes, outcomes.answers[0], protocol);
        const auto slow = rounds_by_copying(pictures, 61, 7, protocol);
        ASSERT_EQ(fast.size(), slow.size());
        for (std::size_t i = 0; i < fast.size(); ++i)
            EXPECT_TRUE(std::abs(fast[i] - slow[i]) <= 1e-9)
                << name_of(protocol) << ", round " << i << ": " << fast[i] << " and " << slow[i];
    }
}

TEST(Bootstrap, GivesNothingForARoundWithoutTruth) {
    std::vector<PictureResult> pictures = half_found(2);
    pictures[1].truths.clear();
    const ClassOutcomes outcomes = outcomes_of(pictures, Protocol::coco);
    const auto values =
        Bootstrap(2, 64, 1).average_precisions(outcomes, outcomes.answers[0], Protocol::coco);
    const auto empty =
        std::count_if(values.begin(), values.end(), [](double v) { return std::isnan(v); });
    EXPECT_GT(empty, 4);  // one round in four draws picture 1 twice
    EXPECT_LT(empty, 32);
    EXPECT_TRUE(percentile_interval(values).has_value());
}

TEST(Bootstrap, DrawsTheSameForTheSameSeedAndOtherwiseForAnother) {
    const std::vector<PictureResult> pictures = half_found(40);
    const std::vector<std::string> names{"helmet"};
    const auto interval = [&](std::uint64_t seed) {
        return *evaluate(pictures, names, {.bootstrap_rounds = 200, .seed = seed}).interval;
    };
    EXPECT_EQ(interval(3).low, interval(3).low);
    EXPECT_EQ(interval(3).high, interval(3).high);
    EXPECT_NE(interval(3).low, interval(4).low);
}

TEST(Bootstrap, IntervalHoldsTheValueAndShrinksWithMorePictures) {
    const std::vector<std::string> names{"helmet"};
    double width = 1;
    for (const int count : {20, 200, 2000}) {
        const EvaluationResult result = evaluate(half_found(count), names);
        ASSERT_TRUE(result.interval.has_value());
        EXPECT_LE(result.interval->low, *result.map);
        EXPECT_GE(result.interval->high, *result.map);
        EXPECT_LT(result.interval->high - result.interval->low, 0.7 * width);
        width = result.interval->high - result.interval->low;
    }
}

TEST(PercentileInterval, LeavesTwoAndAHalfPercentOnEitherSide) {
    std::vector<double> values;
    for (int i = 200; i >= 0; --i) values.push_back(i);
    values.push_back(std::numeric_limits<double>::quiet_NaN());
    const auto interval = percentile_interval(values);
    ASSERT_TRUE(interval.has_value());
    EXPECT_TRUE(std::abs(interval->low - 5) <= 1e-9);
    EXPECT_TRUE(std::abs(interval->high - 195) <= 1e-9);
    EXPECT_FALSE(percentile_interval({}).has_value());
}

}  // namespace
}  // namespace caplamp::evaluation
