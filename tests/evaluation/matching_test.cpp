// SPDX-License-Identifier: Apache-2.0
#include "evaluation/matching.hpp"

#include <gtest/gtest.h>

namespace caplamp::evaluation {
namespace {

using enum Verdict;
using Verdicts = std::vector<Verdict>;

Detection found(float score, Box box) { return {.class_id = 0, .score = score, .box = box}; }
Truth truth(Box box) { return {.class_id = 0, .box = box}; }
Truth difficult(Box box) { return {.class_id = 0, .box = box, .difficult = true}; }
Truth crowd(Box box) { return {.class_id = 0, .box = box, .crowd = true}; }

Verdicts judge(const Detections& detections, const std::vector<Truth>& truths, Protocol protocol,
               const SizeRange& range = {}, double iou = 0.5) {
    PictureMatch match(detections, truths, protocol);
    Verdicts verdicts(detections.size());
    match.judge(iou, range, verdicts);
    return verdicts;
}

int countable(const std::vector<Truth>& truths, Protocol protocol, const SizeRange& range = {}) {
    return PictureMatch({}, truths, protocol).countable(range);
}

TEST(PictureMatch, CountsTheSecondFindOfOneThingAsAFalseAlarm) {
    for (const Protocol protocol : all_protocols)
        EXPECT_EQ(judge({found(0.9f, {0, 0, 10, 10}), found(0.8f, {0, 0, 10, 10})},
                        {truth({0, 0, 10, 10})}, protocol),
                  (Verdicts{hit, false_alarm}))
            << name_of(protocol);
}

TEST(PictureMatch, LetsOnlyCocoTakeTheSecondBestTruth) {
    // Both boxes overlap the first truth most; the second truth is still good enough.
    const std::vector<Truth> truths{truth({0, 0, 10, 10}), truth({0, 2, 10, 10})};
    const Detections detections{found(0.9f, {0, 0, 10, 10}), found(0.8f, {0, 0.5f, 10, 10})};
    EXPECT_EQ(judge(detections, truths, Protocol::coco), (Verdicts{hit, hit}));
    for (const Protocol protocol :
         {Protocol::voc12, Protocol::voc07, Protocol::ultralytics_8_3, Protocol::ultralytics_8_4})
        EXPECT_EQ(judge(detections, truths, protocol), (Verdicts{hit, false_alarm}))
            << name_of(protocol);
}

TEST(PictureMatch, TakesAnOverlapOfExactlyTheThresholdExceptInVoc) {
    const Detections half{found(0.9f, {0, 0, 10, 5})};  // IoU 0.5
    const std::vector<Truth> truths{truth({0, 0, 10, 10})};
    EXPECT_EQ(judge(half, truths, Protocol::coco), Verdicts{hit});
    EXPECT_EQ(judge(half, truths, Protocol::ultralytics_8_4), Verdicts{hit});
    EXPECT_EQ(judge(half, truths, Protocol::voc12), Verdicts{false_alarm});
    EXPECT_EQ(judge(half, truths, Protocol::voc07), Verdicts{false_alarm});
}

TEST(PictureMatch, IgnoresWhatLiesOnADifficultTruth) {
    const Detections detections{found(0.9f, {0, 0, 10, 10}), found(0.8f, {50, 0, 10, 10})};
    const std::vector<Truth> truths{difficult({0, 0, 10, 10}), truth({50, 0, 10, 10})};
    for (const Protocol protocol : {Protocol::coco, Protocol::voc12, Protocol::voc07}) {
        EXPECT_EQ(judge(detections, truths, protocol), (Verdicts{ignored, hit}))
            << name_of(protocol);
        EXPECT_EQ(countable(truths, protocol), 1) << name_of(protocol);
    }
}

TEST(PictureMatch, LeavesDifficultTruthsOutForUltralytics) {
    EXPECT_EQ(judge({found(0.9f, {0, 0, 10, 10})}, {difficult({0, 0, 10, 10})},
                    Protocol::ultralytics_8_4),
              Verdicts{false_alarm});
    EXPECT_EQ(countable({difficult({0, 0, 10, 10})}, Protocol::ultralytics_8_4), 0);
}

TEST(PictureMatch, IgnoresAnyNumberOfFindsInsideACrowd) {
    const Detections detections{found(0.9f, {0, 0, 10, 10}), found(0.8f, {20, 20, 10, 10}),
                                found(0.7f, {95, 0, 20, 10})};
    EXPECT_EQ(judge(detections, {crowd({0, 0, 100, 100})}, Protocol::coco),
              (Verdicts{ignored, ignored, false_alarm}));
    EXPECT_EQ(countable({crowd({0, 0, 100, 100})}, Protocol::coco), 0);
}

TEST(PictureMatch, PrefersATruthThatCountsToACrowd) {
    EXPECT_EQ(judge({found(0.9f, {0, 0, 10, 10})}, {crowd({0, 0, 100, 100}), truth({0, 0, 10, 14})},
                    Protocol::coco),
              Verdicts{hit});
}

TEST(PictureMatch, IgnoresOtherSizesWhetherMatchedOrNot) {
    const SizeRange small{SizeRange::Measure::area, 0, 100};
    const Detections detections{found(0.9f, {0, 0, 20, 20}),     // on a large truth
                                found(0.8f, {200, 0, 20, 20}),   // large, on nothing
                                found(0.7f, {300, 0, 10, 10}),   // small, on nothing
                                found(0.6f, {400, 0, 11, 11})};  // large, on a small truth
    const std::vector<Truth> truths{truth({0, 0, 20, 20}), truth({400, 0, 10, 10})};
    for (const Protocol protocol : all_protocols) {
        EXPECT_EQ(judge(detections, truths, protocol, small),
                  (Verdicts{ignored, ignored, false_alarm, hit}))
            << name_of(protocol);
        EXPECT_EQ(countable(truths, protocol, small), 1) << name_of(protocol);
    }
}

TEST(PictureMatch, TakesTheStatedAreaBeforeThatOfTheBox) {
    Truth thin = truth({0, 0, 20, 20});
    thin.area = 90;
    EXPECT_EQ(countable({thin}, Protocol::coco, {SizeRange::Measure::area, 0, 100}), 1);
    EXPECT_EQ(countable({thin}, Protocol::coco, {SizeRange::Measure::height, 0, 10}), 0);
}

TEST(PictureMatch, NeverMatchesAnEmptyBox) {
    for (const Protocol protocol : all_protocols)
        EXPECT_EQ(judge({found(0.9f, {5, 5, 0, 0})}, {truth({5, 5, 0, 0}), crowd({0, 0, 9, 9})},
                        protocol),
                  Verdicts{false_alarm})
            << name_of(protocol);
}

}  // namespace
}  // namespace caplamp::evaluation
