// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "app/result_sink.hpp"
#include "tests/app/program.hpp"
#include "tests/capture/test_media.hpp"

namespace caplamp::app {
namespace {

const std::vector<std::string> classes{"helmet", "head", "person"};

FrameResult seen(std::uint64_t frame, double seconds, Detections detections) {
    FrameResult result;
    result.camera = "000042.jpg";
    result.sequence = frame;
    result.media_time = std::chrono::duration<double>(seconds);
    result.detections = std::move(detections);
    return result;
}

std::string written(ResultSink& sink, const std::vector<FrameResult>& results) {
    for (const FrameResult& result : results) sink.write(result);
    sink.finish();
    return test::read_text(sink.name());
}

TEST(Jsonl, IsOneLineAFrameAsTheManualShows) {
    const test::TempFolder folder;
    const auto sink = make_jsonl_sink(folder / "a.jsonl", classes, false);
    EXPECT_EQ(
        written(*sink, {seen(0, 0, {{2, 0.91F, {10, 20.5F, 30.256F, 40}}}), seen(1, 0.1, {})}),
        R"({"frame":0,"time_s":0.0,"status":"ok","detections":)"
        R"([{"class":"person","score":0.91,"box":[10.0,20.5,30.26,40.0]}]})"
        "\n"
        R"({"frame":1,"time_s":0.1,"status":"ok","detections":[]})"
        "\n");
}

TEST(Jsonl, AFrameThatNobodySawIsNotAnEmptyOne) {
    const test::TempFolder folder;
    const auto sink = make_jsonl_sink(folder / "a.jsonl", classes, false);
    FrameResult lost = seen(7, 0.7, {});
    lost.status = FrameStatus::unknown;
    lost.reason = "the picture is \"damaged\"";
    EXPECT_EQ(written(*sink, {lost}), R"({"frame":7,"time_s":0.7,"status":"unknown",)"
                                      R"("reason":"the picture is \"damaged\"","detections":null})"
                                      "\n");
}

TEST(Jsonl, NamesThePictureOfAFolder) {
    const test::TempFolder folder;
    const auto sink = make_jsonl_sink(folder / "a.jsonl", classes, true);
    const auto line = nlohmann::json::parse(written(*sink, {seen(0, 0, {})}));
    EXPECT_EQ(line.at("file"), "000042.jpg");
}

TEST(Jsonl, SurvivesNamesThatAreNotUtf8) {
    const test::TempFolder folder;
    const auto sink = make_jsonl_sink(folder / "a.jsonl", classes, true);
    FrameResult result = seen(0, 0, {});
    result.camera = "caf\xE9.jpg";
    EXPECT_TRUE(nlohmann::json::accept(written(*sink, {result})));
}

TEST(Coco, ListsEveryDetectionWithCategoriesFromOne) {
    const test::TempFolder folder;
    const auto sink = make_coco_sink(folder / "a.json", false);
    const auto list = nlohmann::json::parse(
        written(*sink, {seen(3, 0.3, {{0, 0.5F, {1, 2, 3, 4}}, {2, 0.25F, {5, 6, 7, 8}}})}));
    ASSERT_EQ(list.size(), 2U);
    EXPECT_EQ(list[1].at("image_id"), 3);
    EXPECT_EQ(list[1].at("category_id"), 3);
    EXPECT_EQ(list[1].at("bbox"), nlohmann::json({5.0, 6.0, 7.0, 8.0}));
    EXPECT_EQ(list[1].at("score"), 0.25);
}

TEST(Coco, IsAnEmptyListWithoutDetections) {
    const test::TempFolder folder;
    const auto sink = make_coco_sink(folder / "a.json", false);
    EXPECT_EQ(nlohmann::json::parse(written(*sink, {seen(0, 0, {})})), nlohmann::json::array());
}

TEST(Coco, TakesTheNumberThatIsAPicturesName) {
    const test::TempFolder folder;
    const auto sink = make_coco_sink(folder / "a.json", true);
    FrameResult named = seen(1, 1, {{0, 0.5F, {}}});
    named.camera = "gate-7.jpg";
    const auto list = nlohmann::json::parse(written(*sink, {seen(0, 0, {{0, 0.5F, {}}}), named}));
    EXPECT_EQ(list[0].at("image_id"), 42);
    EXPECT_EQ(list[1].at("image_id"), "gate-7");
}

TEST(Mot, CountsFramesAndPixelsFromOne) {
    const test::TempFolder folder;
    const auto sink = make_mot_sink(folder / "a.csv");
    EXPECT_EQ(written(*sink, {seen(0, 0, {{0, 0.5F, {10, 20, 30, 40.25F}}})}),
              "1,-1,11.00,21.00,30.00,40.25,0.5000,-1,-1,-1\n");
}

}  // namespace
}  // namespace caplamp::app
