// SPDX-License-Identifier: Apache-2.0
#include "app/detector.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <opencv2/core.hpp>

#include "core/error.hpp"
#include "tests/app/tiny_model.hpp"
#include "tests/capture/test_media.hpp"

namespace caplamp::app {
namespace {

using testing::HasSubstr;

class TinyDetector : public testing::Test {
protected:
    TinyDetector() {
        test::write_tiny_weights(config_.weights);
        config_.post.decode.score = 0.4F;
    }
    std::string complaint() const {
        try {
            Detector detector(config_);
        } catch (const Error& e) {
            return e.what();
        }
        return "no error";
    }

    test::TempFolder folder_;
    DetectorConfig config_{
        .model = test::tiny_table, .weights = folder_ / "tiny.safetensors", .size = 96};
};

cv::Mat noise(cv::Size size) {
    cv::Mat picture(size, CV_8UC3);
    cv::randu(picture, cv::Scalar::all(0), cv::Scalar::all(255));
    return picture;
}

TEST_F(TinyDetector, GivesBoxesInsideThePictureBestFirst) {
    Detector detector(config_);
    for (const cv::Size size : {cv::Size(200, 130), {96, 96}, {31, 77}, {1, 1}, {700, 20}}) {
        const Detections found = detector.run(noise(size));
        EXPECT_FALSE(found.empty()) << size;
        for (std::size_t i = 0; i < found.size(); ++i) {
            const Box& box = found[i].box;
            EXPECT_GE(box.x, 0);
            EXPECT_GE(box.y, 0);
            EXPECT_LE(box.right(), static_cast<float>(size.width) * 1.00001F);
            EXPECT_LE(box.bottom(), static_cast<float>(size.height) * 1.00001F);
            EXPECT_GT(found[i].score, 0.4F);
            EXPECT_LE(found[i].score, found[i == 0 ? 0 : i - 1].score);
        }
    }
}

TEST_F(TinyDetector, ForgetsNothingWhenShapesComeAndGo) {
    config_.max_shapes = 2;
    Detector detector(config_);
    const cv::Mat picture = noise({96, 64});
    const Detections first = detector.run(picture);
    for (const cv::Size size : {cv::Size(96, 96), {64, 96}, {96, 32}}) detector.run(noise(size));
    EXPECT_EQ(detector.run(picture), first);
}

TEST_F(TinyDetector, TakesAPictureOfFortyEightMillionPixels) {
    Detector detector(config_);
    EXPECT_NO_THROW(detector.run(cv::Mat(6000, 8000, CV_8UC3, cv::Scalar::all(90))));
}

TEST_F(TinyDetector, MeasuresItsStages) {
    Detector detector(config_);
    detector.run(noise({96, 64}));
    EXPECT_GT(detector.last_times().network.count(), 0);
    EXPECT_GT(detector.last_times().letterbox.count(), 0);
}

TEST_F(TinyDetector, FindsItsWeightsBesideTheModel) {
    std::filesystem::copy_file(test::tiny_table, folder_ / "table.yaml");
    config_.model = folder_ / "table.yaml";
    config_.weights.clear();
    EXPECT_EQ(Detector(config_).weights_file(), folder_ / "tiny.safetensors");
}

TEST_F(TinyDetector, SaysWhichPrecisionsThereAre) {
    config_.precision = "int8";
    EXPECT_EQ(complaint(), "precision: int8 is not available; this build has f32");
}

TEST_F(TinyDetector, ComplainsAboutASizeThatDoesNotFit) {
    config_.size = 100;
    EXPECT_EQ(complaint(), "size: must be a multiple of 32 for the model tiny, is 100");
}

TEST_F(TinyDetector, ComplainsAboutWeightsThatAreMissing) {
    config_.weights = folder_ / "nowhere.safetensors";
    EXPECT_THAT(complaint(), HasSubstr("nowhere.safetensors: "));
}

TEST_F(TinyDetector, ComplainsAboutWeightsThatAreCutShort) {
    test::cut_short(config_.weights, 0.9);
    EXPECT_THAT(complaint(), HasSubstr("tiny.safetensors: "));
}

TEST_F(TinyDetector, ComplainsAboutWeightsThatHoldNaN) {
    test::write_tiny_weights_with_nan(config_.weights);
    EXPECT_THAT(complaint(), HasSubstr("tiny.safetensors: "));
}

TEST_F(TinyDetector, ComplainsAboutWeightsOfAnotherModel) {
    config_.model = "models/caplamp-s.yaml";
    EXPECT_THAT(complaint(), HasSubstr("tiny.safetensors: "));
}

TEST_F(TinyDetector, ComplainsAboutAMalformedTableWithItsLine) {
    test::write_text(folder_ / "bad.yaml", "name: x\nclasses: [a\n");
    config_.model = folder_ / "bad.yaml";
    EXPECT_THAT(complaint(), testing::ContainsRegex("bad.yaml:[0-9]+: not valid YAML"));
}

}  // namespace
}  // namespace caplamp::app
