// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "evaluation/evaluate.hpp"

namespace caplamp::evaluation {
namespace {

using nlohmann::json;

// Random truths (crowds and mask areas among them) and detections with what pycocotools 2.0 says
// about them.
const json& fixture() {
    static const json loaded = json::parse(std::ifstream("tests/evaluation/data/cocoeval.json"));
    return loaded;
}

Box box_of(const json& row) {
    const json& box = row["bbox"];
    return {box[0].get<float>(), box[1].get<float>(), box[2].get<float>(), box[3].get<float>()};
}

std::vector<PictureResult> pictures_of_fixture() {
    std::map<int, int> class_of;
    for (const json& category : fixture()["categories"])
        class_of.emplace(category["id"], static_cast<int>(class_of.size()));
    std::map<int, PictureResult> by_id;
    for (const json& image : fixture()["images"]) by_id[image["id"]];
    for (const json& row : fixture()["annotations"])
        by_id.at(row["image_id"])
            .truths.push_back({.class_id = class_of.at(row["category_id"]),
                               .box = box_of(row),
                               .crowd = row["iscrowd"] == 1,
                               .area = row["area"].get<float>()});
    for (const json& row : fixture()["detections"])
        by_id.at(row["image_id"])
            .detections.push_back({.class_id = class_of.at(row["category_id"]),
                                   .score = row["score"].get<float>(),
                                   .box = box_of(row)});
    std::vector<PictureResult> pictures;
    for (const auto& [id, picture] : by_id) pictures.push_back(picture);
    return pictures;
}

void expect_near(const std::optional<double>& value, const json& expected,
                 const std::string& what) {
    ASSERT_TRUE(value.has_value()) << what;
    EXPECT_TRUE(std::abs(*value - expected.get<double>()) <= 1e-6)
        << what << ": " << *value << ", not " << expected;
}

TEST(CocoProtocol, GivesTheNumbersOfCocoeval) {
    const std::vector<std::string> names{"helmet", "person"};
    const EvaluationResult result = evaluate(pictures_of_fixture(), names, {.bootstrap_rounds = 0});
    const json& expected = fixture()["expected"];
    expect_near(result.map, expected["all"]["ap50"], "mAP50");
    expect_near(result.map50_95, expected["all"]["ap50_95"], "mAP50-95");
    const char* const sizes[] = {"small", "medium", "large"};
    for (std::size_t i = 0; i < 3; ++i)
        expect_near(result.by_size[i].ap, expected["all"][sizes[i]], sizes[i]);
    for (const ClassResult& one : result.classes) {
        expect_near(one.ap, expected[one.name]["ap50"], one.name);
        expect_near(one.ap50_95, expected[one.name]["ap50_95"], one.name + " 50-95");
        for (std::size_t i = 0; i < 3; ++i)
            expect_near(one.by_size[i].ap, expected[one.name][sizes[i]], one.name + sizes[i]);
    }
}

}  // namespace
}  // namespace caplamp::evaluation
