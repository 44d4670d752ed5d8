// SPDX-License-Identifier: Apache-2.0
// `caplamp evaluate` and `caplamp dataset` of the built program.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <opencv2/imgcodecs.hpp>

#include "tests/app/program.hpp"
#include "tests/app/tiny_model.hpp"
#include "tests/capture/test_media.hpp"

namespace caplamp::app {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using test::Ending;
using test::run_program;
using testing::HasSubstr;
using testing::Not;

// Four pictures of three shapes with a helmet each; persons are not labelled.
class LabelledFolder : public testing::Test {
protected:
    LabelledFolder() {
        fs::create_directories(folder_ / "images/val");
        fs::create_directories(folder_ / "labels/val");
        for (int i = 0; i < 4; ++i) {
            cv::Mat picture(i % 2 == 0 ? 96 : 64, i < 2 ? 128 : 64, CV_8UC3);
            cv::randu(picture, cv::Scalar::all(0), cv::Scalar::all(255));
            cv::imwrite((folder_ / ("images/val/" + std::to_string(i) + ".png")).string(), picture);
            label("val", i, "0 0.5 0.5 0." + std::to_string(i + 2) + " 0.5\n");
        }
        test::write_text(data(),
                         "val: images/val\nnames: [helmet, head, person]\n"
                         "labelled: [helmet, head]\n");
    }

    fs::path data() const { return folder_ / "data.yaml"; }
    fs::path numbers() const { return folder_ / "out/numbers.json"; }
    void label(const std::string& split, int picture, const std::string& text) const {
        fs::create_directories(folder_ / ("labels/" + split));
        test::write_text(folder_ / ("labels/" + split + "/" + std::to_string(picture) + ".txt"),
                         text);
    }
    json read_numbers() const { return json::parse(test::read_text(numbers())); }

    Ending evaluate(const std::vector<std::string>& more) const {
        std::vector<std::string> words{"evaluate", "--data", data().string(), "--json",
                                       numbers().string()};
        words.insert(words.end(), more.begin(), more.end());
        return run_program(words);
    }
    // By random weights: any detection will do.
    Ending evaluate_tiny(const std::vector<std::string>& more = {}) const {
        const fs::path weights = folder_ / "tiny.safetensors";
        if (!fs::exists(weights)) test::write_tiny_weights(weights);
        std::vector<std::string> words{"--model",     test::tiny_table.string(),
                                       "--weights",   weights.string(),
                                       "--size",      "64",
                                       "--resamples", "50"};
        words.insert(words.end(), more.begin(), more.end());
        return evaluate(words);
    }

    test::TempFolder folder_;
};

class CaplampEvaluate : public LabelledFolder {};
class CaplampDataset : public LabelledFolder {};

TEST_F(CaplampEvaluate, ScoresGivenDetectionsAndSaysByWhichProtocol) {
    test::write_text(folder_ / "found.json",
                     R"([{"image_id":0,"category_id":1,"bbox":[51.2,24,25.6,48],"score":0.9},)"
                     R"({"image_id":1,"category_id":1,"bbox":[0,0,9,9],"score":0.8},)"
                     R"({"image_id":2,"category_id":3,"bbox":[0,0,9,9],"score":0.8}])");
    const Ending ending = evaluate({"--detections", (folder_ / "found.json").string()});
    ASSERT_EQ(ending.code, 0) << ending.err;
    EXPECT_THAT(ending.out, HasSubstr("protocol  coco: IoU 0.5"));
    EXPECT_THAT(ending.out, HasSubstr("left out, because the set does not label them: person"));
    const json found = read_numbers();
    EXPECT_EQ(found["protocol"], "coco");
    // One of four helmets: recall 0.25, and 26 of COCO's 101 recall points lie at or below it.
    EXPECT_TRUE(std::abs(found["classes"]["helmet"]["ap50"].get<double>() - 26.0 / 101) <= 1e-9);
    EXPECT_EQ(found["classes"]["helmet"]["instances"], 4);
    EXPECT_TRUE(found["classes"]["head"]["ap50"].is_null());
    EXPECT_FALSE(found["classes"].contains("person"));
    EXPECT_EQ(found["images"], 4);
    EXPECT_TRUE(found["score"].is_null());
    EXPECT_TRUE(std::abs(found["other_protocols"]["ultralytics-8.3"].get<double>() - 0.4375) <
                0.01);
}

TEST_F(CaplampEvaluate, RunsTheNetworkTheSameOnAnyNumberOfThreads) {
    ASSERT_EQ(evaluate_tiny().code, 0);
    const json one = read_numbers();
    EXPECT_EQ(one["score"], 0.001);
    EXPECT_EQ(one["iou"], 0.7);
    EXPECT_EQ(one["size"], 64);
    EXPECT_EQ(one["images"], 4);
    ASSERT_EQ(evaluate_tiny({"--threads", "3"}).code, 0);
    EXPECT_EQ(read_numbers(), one);
}

TEST_F(CaplampEvaluate, KnowsAllProtocolsAndNoOther) {
    for (const char* protocol : {"voc12", "voc07", "ultralytics-8.3", "ultralytics-8.4"}) {
        const Ending ending = evaluate_tiny({"--protocol", protocol});
        ASSERT_EQ(ending.code, 0) << ending.err;
        EXPECT_THAT(ending.out, HasSubstr(std::string("protocol  ") + protocol));
        EXPECT_EQ(read_numbers()["protocol"], protocol);
    }
    EXPECT_EQ(evaluate_tiny({"--protocol", "voc"}).code, 2);
}

TEST_F(CaplampEvaluate, TakesOtherLabelsAndThenPersonsToo) {
    label("other", 1, "2 0.5 0.5 0.5 0.5\n");
    label("other", 3, "2 0.5 0.5 0.5 0.5\n0 0.5 0.5 0.5 0.5\n");
    ASSERT_EQ(evaluate_tiny({"--labels", "labels/other"}).code, 0);  // beside data.yaml
    const json found = read_numbers();
    EXPECT_EQ(found["images"], 2);
    EXPECT_EQ(found["classes"]["person"]["instances"], 2);
    EXPECT_EQ(found["classes"]["helmet"]["instances"], 1);
}

TEST_F(CaplampEvaluate, NamesTheLabelThatIsWrongAndWritesNothing) {
    label("val", 2, "0 0.5 0.5 0.5 0.5\n0 0.5\n");
    const Ending ending = evaluate_tiny();
    EXPECT_EQ(ending.code, 2);
    EXPECT_THAT(ending.err, HasSubstr("labels/val/2.txt:2: "));
    EXPECT_FALSE(fs::exists(numbers()));
}

TEST_F(CaplampEvaluate, NamesThePictureThatIsCutShort) {
    test::cut_short(folder_ / "images/val/3.png", 0.5);
    const Ending ending = evaluate_tiny({"--threads", "2"});
    EXPECT_EQ(ending.code, 2);
    EXPECT_THAT(ending.err, HasSubstr("images/val/3.png"));
    EXPECT_FALSE(fs::exists(numbers()));
}

TEST_F(CaplampEvaluate, AsksForAClassMapWhereTheSetHasOtherClasses) {
    test::write_text(data(), "val: images/val\nnames: [hat]\n");
    const Ending without = evaluate_tiny();
    EXPECT_EQ(without.code, 2);
    EXPECT_THAT(without.err, HasSubstr("marks the class 'hat'"));
    test::write_text(folder_ / "map.yaml", "hat: helmet\n");
    const Ending with = evaluate_tiny({"--class-map", (folder_ / "map.yaml").string()});
    ASSERT_EQ(with.code, 0) << with.err;
    EXPECT_EQ(read_numbers()["classes"]["helmet"]["instances"], 4);
}

TEST_F(CaplampEvaluate, ExplainsItself) {
    const Ending ending = run_program({"evaluate", "--help"});
    EXPECT_EQ(ending.code, 0);
    EXPECT_THAT(ending.out, HasSubstr("Example:"));
    EXPECT_EQ(run_program({"evaluate"}).code, 2);
}

TEST_F(CaplampDataset, FindsNothingWrongWithAGoodSet) {
    const Ending ending = run_program({"dataset", "check", data().string()});
    EXPECT_EQ(ending.code, 0) << ending.out;
    EXPECT_THAT(ending.out, HasSubstr("val: 4 pictures"));
    EXPECT_THAT(ending.out, HasSubstr("no problem found"));
}

TEST_F(CaplampDataset, ListsWhatIsWrongAndEndsWithOne) {
    label("val", 0, "0 0.5 0.5 0.5 0.5\n0 0.5 0.5 0.5 0.5\n1 0.5 0.5 0 0.5\nhelmet\n");
    fs::copy_file(folder_ / "images/val/1.png", folder_ / "images/val/9.png");
    const Ending ending = run_program({"dataset", "check", data().string()});
    EXPECT_EQ(ending.code, 1);
    for (const char* kind : {"same box", "no area", "malformed label",
                             "labels/val/0.txt:4: ", "same picture", "no labels"})
        EXPECT_THAT(ending.out, HasSubstr(kind));
}

TEST_F(CaplampDataset, EndsWithTwoWhenItCannotBeRead) {
    const Ending ending = run_program({"dataset", "check", (folder_ / "none.yaml").string()});
    EXPECT_EQ(ending.code, 2);
    EXPECT_THAT(ending.err, HasSubstr("none.yaml: no such file or folder"));
}

TEST_F(CaplampDataset, ConvertsToCocoAndBackToYolo) {
    const std::string coco = (folder_ / "val.json").string();
    const std::string yolo = (folder_ / "yolo").string();
    ASSERT_EQ(run_program({"dataset", "convert", data().string(), coco, "--to", "coco"}).code, 0);
    ASSERT_EQ(run_program({"dataset", "convert", coco, yolo, "--to", "yolo"}).code, 0);
    EXPECT_EQ(test::read_text(folder_ / "yolo/labels/val/0.txt"),
              "0 0.500000 0.500000 0.200000 0.500000\n");
    EXPECT_EQ(run_program({"dataset", "convert", coco, yolo, "--to", "yolo"}).code, 2);
}

}  // namespace
}  // namespace caplamp::app
