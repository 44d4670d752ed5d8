// SPDX-License-Identifier: Apache-2.0
#include "evaluation/evaluate.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "core/error.hpp"
#include "evaluation/result_json.hpp"

namespace caplamp::evaluation {
namespace {

const std::vector<std::string> names{"helmet", "head", "person"};

PictureResult picture(std::vector<Truth> truths, Detections detections,
                      std::vector<bool> labelled = {}) {
    return {.truths = std::move(truths),
            .detections = std::move(detections),
            .labelled = std::move(labelled)};
}

Truth truth(int class_id, Box box) { return {.class_id = class_id, .box = box}; }
Detection found(int class_id, float score, Box box) {
    return {.class_id = class_id, .score = score, .box = box};
}

const Box left{0, 0, 20, 20};
const Box right{100, 0, 20, 20};

TEST(Evaluate, ScoresEachClassAndTheirMean) {
    const std::vector<PictureResult> pictures{
        picture({truth(0, left), truth(1, right)}, {found(0, 0.9f, left), found(1, 0.3f, left)})};
    const EvaluationResult result = evaluate(pictures, names);
    ASSERT_EQ(result.classes.size(), 3u);
    EXPECT_TRUE(std::abs(*result.classes[0].ap - 1) <= 1e-12);
    EXPECT_EQ(*result.classes[1].ap, 0);
    EXPECT_TRUE(std::abs(*result.map - 0.5) <= 1e-12);
    EXPECT_EQ(result.pictures, 1);
    EXPECT_EQ(result.instances, 2);
}

TEST(Evaluate, AgreesWithTheMeanAlone) {
    const std::vector<PictureResult> pictures{
        picture({truth(0, left), truth(1, right)}, {found(0, 0.9f, left), found(1, 0.3f, left)}),
        picture({truth(0, left), truth(2, right)}, {found(0, 0.8f, right)}, {true, true, false})};
    for (const Protocol protocol : all_protocols) {
        const EvaluationConfig config{.protocol = protocol, .bootstrap_rounds = 0};
        EXPECT_EQ(evaluate(pictures, names, config).map,
                  mean_average_precision(pictures, names, protocol));
    }
    EXPECT_EQ(mean_average_precision({}, names, Protocol::coco), std::nullopt);
}

TEST(Evaluate, LeavesAClassWithoutTruthOutOfTheMean) {
    const std::vector<PictureResult> pictures{
        picture({truth(0, left)}, {found(0, 0.9f, left), found(2, 0.9f, right)})};
    const EvaluationResult result = evaluate(pictures, names);
    EXPECT_FALSE(result.classes[2].ap.has_value());
    EXPECT_FALSE(result.classes[2].interval.has_value());
    EXPECT_FALSE(result.classes[2].recall.has_value());
    EXPECT_EQ(*result.classes[2].precision, 0);
    EXPECT_TRUE(std::abs(*result.map - 1) <= 1e-12);
}

TEST(Evaluate, ScoresNothingFoundAsZeroAndNothingToFindAsNothing) {
    const std::vector<PictureResult> missed{picture({truth(0, left)}, {})};
    EXPECT_EQ(*evaluate(missed, names).map, 0);
    EXPECT_FALSE(evaluate(missed, names).classes[0].precision.has_value());
    EXPECT_EQ(*evaluate(missed, names).classes[0].recall, 0);
    const std::vector<PictureResult> empty{picture({}, {})};
    EXPECT_FALSE(evaluate(empty, names).map.has_value());
    EXPECT_FALSE(evaluate({}, names).map.has_value());
    EXPECT_TRUE(evaluate({}, names).classes.empty());
}

TEST(Evaluate, LeavesAClassOutOfPicturesThatDoNotLabelIt) {
    // The second picture says nothing about persons: finding one there is no false alarm.
    const std::vector<PictureResult> pictures{
        picture({truth(2, left)}, {found(2, 0.5f, left)}),
        picture({truth(0, left)}, {found(0, 0.9f, left), found(2, 0.9f, right)},
                {true, true, false})};
    const EvaluationResult result = evaluate(pictures, names);
    EXPECT_TRUE(std::abs(*result.classes[2].ap - 1) <= 1e-12);
    EXPECT_EQ(result.classes[2].pictures, 1);
    EXPECT_EQ(result.classes[0].pictures, 2);
}

TEST(Evaluate, DoesNotListAClassThatNoPictureLabels) {
    const std::vector<PictureResult> pictures{
        picture({truth(0, left)}, {found(0, 0.9f, left)}, {true, false, false})};
    const EvaluationResult result = evaluate(pictures, names);
    ASSERT_EQ(result.classes.size(), 1u);
    EXPECT_EQ(result.classes[0].name, "helmet");
}

TEST(Evaluate, ReportsPrecisionAndRecallAtTheOperatingScore) {
    const std::vector<PictureResult> pictures{
        picture({truth(0, left), truth(0, right)},
                {found(0, 0.9f, left), found(0, 0.6f, {50, 0, 9, 9}), found(0, 0.1f, right)})};
    const EvaluationResult result = evaluate(pictures, names, {.operating_score = 0.5});
    EXPECT_TRUE(std::abs(*result.classes[0].precision - 0.5) <= 1e-12);
    EXPECT_TRUE(std::abs(*result.classes[0].recall - 0.5) <= 1e-12);
}

TEST(Evaluate, SplitsByAreaAndByHeight) {
    const Box low{0, 0, 40, 14};
    const Box high{100, 0, 60, 120};
    const std::vector<PictureResult> pictures{
        picture({truth(0, low), truth(0, high)}, {found(0, 0.9f, high)})};
    const EvaluationResult result = evaluate(pictures, names);
    std::vector<std::pair<std::string, int>> counts;
    for (const SizeResult& size : result.by_size) counts.emplace_back(size.name, size.instances);
    EXPECT_EQ(counts, (std::vector<std::pair<std::string, int>>{{"area small", 1},
                                                                {"area medium", 1},
                                                                {"area large", 0},
                                                                {"height under 16", 1},
                                                                {"height 16 to 32", 0},
                                                                {"height 32 to 96", 0},
                                                                {"height over 96", 1}}));
    EXPECT_EQ(*result.classes[0].by_size[3].ap, 0);
    EXPECT_TRUE(std::abs(*result.classes[0].by_size[6].ap - 1) <= 1e-12);
    EXPECT_FALSE(result.classes[0].by_size[2].ap.has_value());
}

TEST(Evaluate, LooksAtTheBestHundredForCocoAndAllForVoc) {
    std::vector<Detection> many(150, found(0, 0.9f, {300, 300, 5, 5}));
    many.push_back(found(0, 0.8f, left));
    const std::vector<PictureResult> pictures{picture({truth(0, left)}, many)};
    EXPECT_EQ(*evaluate(pictures, names, {.protocol = Protocol::coco}).map, 0);
    EXPECT_TRUE(std::abs(*evaluate(pictures, names, {.protocol = Protocol::voc12}).map -
                         1.0 / 151) <= 1e-12);
}

TEST(Evaluate, LooksAtTheBestThreeHundredOfAPictureForUltralytics) {
    std::vector<Detection> many(300, found(1, 0.9f, {300, 300, 5, 5}));
    many.push_back(found(0, 0.8f, left));
    const std::vector<PictureResult> pictures{picture({truth(0, left)}, many)};
    EXPECT_EQ(*evaluate(pictures, names, {.protocol = Protocol::ultralytics_8_4}).map, 0);
    many.erase(many.begin());
    const std::vector<PictureResult> fewer{picture({truth(0, left)}, many)};
    EXPECT_GT(*evaluate(fewer, names, {.protocol = Protocol::ultralytics_8_4}).map, 0.9);
}

std::string complaint(const PictureResult& one, const EvaluationConfig& config = {}) {
    try {
        evaluate(std::vector<PictureResult>{picture({}, {}), one}, names, config);
    } catch (const Error& error) {
        return error.what();
    }
    return "no error";
}

TEST(Evaluate, RejectsWhatCannotBeScored) {
    const float nan = std::numeric_limits<float>::quiet_NaN();
    EXPECT_EQ(complaint(picture({}, {found(0, nan, left)})),
              "evaluation: picture 1: the score of a detection is not finite");
    EXPECT_EQ(complaint(picture({}, {found(0, 0.5f, {0, 0, nan, 1})})),
              "evaluation: picture 1: a box of the detections is not finite");
    EXPECT_EQ(complaint(picture({truth(0, {0, 0, -1, 1})}, {})),
              "evaluation: picture 1: a box of the truths has a negative size");
    EXPECT_EQ(complaint(picture({truth(3, left)}, {})),
              "evaluation: picture 1: class 3 of the truths is none of the 3 classes");
    EXPECT_EQ(complaint(picture({}, {found(-1, 0.5f, left)})),
              "evaluation: picture 1: class -1 of the detections is none of the 3 classes");
    EXPECT_EQ(complaint(picture({}, {}, {true})),
              "evaluation: picture 1: the mask of labelled classes has another length than the "
              "class names");
    EXPECT_EQ(complaint(picture({}, {}), {.match_iou = std::nan("")}),
              "evaluation: match_iou must be above 0 and at most 1");
    EXPECT_EQ(complaint(picture({}, {}), {.bootstrap_rounds = -1}),
              "evaluation: bootstrap_rounds must be 0..100000");
}

TEST(ResultJson, HoldsTheKeysThatScriptsReadAndNullForNoValue) {
    const std::vector<PictureResult> pictures{
        picture({truth(0, left)}, {found(0, 0.9f, left)}, {true, true, false})};
    const auto json = to_json(evaluate(pictures, names), {.score = 0.001, .iou = 0.7});
    EXPECT_EQ(json["protocol"], "coco");
    EXPECT_TRUE(std::abs(json["map50"].get<double>() - 1) <= 1e-12);
    EXPECT_TRUE(std::abs(json["classes"]["helmet"]["ap50"].get<double>() - 1) <= 1e-12);
    EXPECT_EQ(json["classes"]["helmet"]["instances"], 1);
    EXPECT_TRUE(json["classes"]["head"]["ap50"].is_null());
    EXPECT_FALSE(json["classes"].contains("person"));
    EXPECT_EQ(json["images"], 1);
    EXPECT_EQ(json["score"], 0.001);
    EXPECT_EQ(json["iou"], 0.7);
    EXPECT_EQ(json["classes"]["helmet"]["by_size"]["area small"]["instances"], 1);
    EXPECT_EQ(json["interval"].size(), 2u);
    EXPECT_TRUE(to_json(evaluate(pictures, names), {})["score"].is_null());
}

}  // namespace
}  // namespace caplamp::evaluation
