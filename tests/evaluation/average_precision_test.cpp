// SPDX-License-Identifier: Apache-2.0
#include "evaluation/average_precision.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <string>

namespace caplamp::evaluation {
namespace {

constexpr bool hit = true;
constexpr bool miss = false;

// What the five programs print for one and the same ranked list, to four places. The numbers were
// worked out by ports of cocoeval.py, voc_eval.py and both versions of Ultralytics' compute_ap.
struct Golden {
    const char* name;
    std::vector<bool> ranked;
    double truths;
    std::array<double, 5> expected;  // coco, voc12, voc07, ultralytics-8.3, ultralytics-8.4
};

const Golden golden[] = {
    {"one of two found", {hit}, 2, {0.5050, 0.5000, 0.5455, 0.7500, 0.4950}},
    {"five of ten found", {hit, hit, hit, hit, hit}, 10, {0.5050, 0.5000, 0.5455, 0.7500, 0.4950}},
    {"eight of ten found, two false alarms",
     {hit, hit, miss, hit, hit, hit, miss, hit, hit, hit},
     10,
     {0.6931, 0.6900, 0.7182, 0.7690, 0.6850}},
    {"a false alarm between two hits",
     {hit, miss, hit},
     3,
     {0.5545, 0.5556, 0.5455, 0.6672, 0.5550}},
};

TEST(AveragePrecision, GivesThePublishedNumberInEveryProtocol) {
    for (const Golden& row : golden)
        for (std::size_t i = 0; i < all_protocols.size(); ++i) {
            const double ap =
                average_precision(make_curve(row.ranked, row.truths), all_protocols[i]);
            EXPECT_TRUE(std::abs(ap - row.expected[i]) <= 0.00005)
                << row.name << ", " << name_of(all_protocols[i]) << ": " << ap;
        }
}

TEST(AveragePrecision, OfAPerfectDetectorIsOneExceptAtUltralytics) {
    const Curve curve = make_curve({hit, hit, hit}, 3);
    EXPECT_TRUE(std::abs(average_precision(curve, Protocol::coco) - 1) <= 1e-12);
    EXPECT_TRUE(std::abs(average_precision(curve, Protocol::voc12) - 1) <= 1e-12);
    EXPECT_TRUE(std::abs(average_precision(curve, Protocol::voc07) - 1) <= 1e-12);
    // Its curve falls to 0 at recall 1, which the last trapezoid sees.
    EXPECT_TRUE(std::abs(average_precision(curve, Protocol::ultralytics_8_3) - 0.995) <= 1e-12);
    EXPECT_TRUE(std::abs(average_precision(curve, Protocol::ultralytics_8_4) - 0.995) <= 1e-12);
}

TEST(AveragePrecision, IsZeroWhenNothingWasHit) {
    for (const Protocol protocol : all_protocols) {
        EXPECT_EQ(average_precision(make_curve({}, 5), protocol), 0) << name_of(protocol);
        EXPECT_EQ(average_precision(make_curve({miss, miss}, 5), protocol), 0) << name_of(protocol);
    }
}

TEST(AveragePrecision, IgnoresFalseAlarmsAfterTheLastHitExceptInTheOldRamp) {
    const Curve without = make_curve({hit, miss, hit}, 4);
    const Curve with = make_curve({hit, miss, hit, miss, miss, miss}, 4);
    for (const Protocol protocol :
         {Protocol::coco, Protocol::voc12, Protocol::voc07, Protocol::ultralytics_8_4})
        EXPECT_EQ(average_precision(without, protocol), average_precision(with, protocol));
    EXPECT_GT(average_precision(without, Protocol::ultralytics_8_3),
              average_precision(with, Protocol::ultralytics_8_3));
}

TEST(AveragePrecision, MissesARecallPointThatNumpyRoundsUp) {
    // 7 of 10 is 0.7, and numpy's 70th recall point is 0.7000000000000001.
    const Curve curve = make_curve(std::vector<bool>(7, hit), 10);
    EXPECT_TRUE(std::abs(average_precision(curve, Protocol::coco) - 70.0 / 101) <= 1e-12);
}

TEST(Protocol, KnowsItsNames) {
    for (const Protocol protocol : all_protocols)
        EXPECT_EQ(protocol_named(name_of(protocol)), protocol);
    EXPECT_EQ(protocol_named("voc"), std::nullopt);
    EXPECT_EQ(name_of(Protocol::ultralytics_8_4), "ultralytics-8.4");
}

}  // namespace
}  // namespace caplamp::evaluation
