// SPDX-License-Identifier: Apache-2.0
#include "app/detect_config.hpp"

#include <gtest/gtest.h>

#include "core/error.hpp"

namespace caplamp::app {
namespace {

DetectConfig parsed(const std::string& yaml) {
    return DetectConfig::read(ConfigNode::parse(yaml, "detect.yaml"));
}

std::string complaint_about(const std::string& yaml) {
    try {
        parsed(yaml);
    } catch (const ConfigError& e) {
        return e.what();
    }
    return "no error";
}

void expect_equal(const DetectConfig& a, const DetectConfig& b) {
    EXPECT_EQ(a.capture.source, b.capture.source);
    EXPECT_EQ(a.capture.open_deadline, b.capture.open_deadline);
    EXPECT_EQ(a.capture.read_deadline, b.capture.read_deadline);
    EXPECT_EQ(a.capture.first_retry, b.capture.first_retry);
    EXPECT_EQ(a.capture.longest_retry, b.capture.longest_retry);
    EXPECT_EQ(a.capture.rtsp_transport, b.capture.rtsp_transport);
    EXPECT_EQ(a.capture.decode_threads, b.capture.decode_threads);
    EXPECT_EQ(a.pace, b.pace);
    EXPECT_EQ(a.detector.model, b.detector.model);
    EXPECT_EQ(a.detector.weights, b.detector.weights);
    EXPECT_EQ(a.detector.size, b.detector.size);
    EXPECT_EQ(a.detector.precision, b.detector.precision);
    EXPECT_EQ(a.detector.threads, b.detector.threads);
    EXPECT_EQ(a.detector.post.decode.score, b.detector.post.decode.score);
    EXPECT_EQ(a.detector.post.nms.iou, b.detector.post.nms.iou);
    EXPECT_EQ(a.detector.post.nms.max_boxes, b.detector.post.nms.max_boxes);
    EXPECT_EQ(a.output.folder, b.output.folder);
    EXPECT_EQ(a.output.video, b.output.video);
    EXPECT_EQ(a.output.video_long_side, b.output.video_long_side);
    EXPECT_EQ(a.output.coco, b.output.coco);
    EXPECT_EQ(a.output.mot, b.output.mot);
    EXPECT_EQ(a.output.trace, b.output.trace);
}

TEST(DetectConfig, TheShippedFileHoldsTheDefaults) {
    expect_equal(DetectConfig::load("config/detect.yaml"), DetectConfig{});
}

TEST(DetectConfig, TheShippedFileHoldsEverySetting) {
    const ConfigNode root = ConfigNode::load("config/detect.yaml");
    EXPECT_EQ(root["capture"].keys().size(), 8U);
    EXPECT_EQ(root["detector"].keys().size(), 8U);
    EXPECT_EQ(root["output"].keys().size(), 6U);
}

TEST(DetectConfig, AnEmptyFileHoldsTheDefaults) { expect_equal(parsed(""), DetectConfig{}); }

TEST(DetectConfig, TakesWhatTheFileSays) {
    const DetectConfig config = parsed(
        "capture: {source: a.avi, pace: newest, read_deadline_s: 0.25, rtsp_transport: udp}\n"
        "detector: {size: 320, score: 0.5}\n"
        "output: {folder: x, video: false, coco: x/c.json}\n");
    EXPECT_EQ(config.capture.source, "a.avi");
    EXPECT_EQ(config.pace, Pace::newest);
    EXPECT_EQ(config.capture.read_deadline, std::chrono::milliseconds(250));
    EXPECT_EQ(config.capture.rtsp_transport, "udp");
    EXPECT_EQ(config.detector.size, 320);
    EXPECT_EQ(config.detector.post.decode.score, 0.5F);
    EXPECT_EQ(config.output.folder, "x");
    EXPECT_FALSE(config.output.video);
    EXPECT_EQ(config.output.coco, "x/c.json");
}

TEST(DetectConfig, NamesLineAndSettingOfAMistake) {
    EXPECT_EQ(complaint_about("detector:\n  scroe: 0.5\n"),
              "detect.yaml:2: detector.scroe: is not a known setting; did you mean score?");
    EXPECT_EQ(complaint_about("detector:\n  score: 3\n"),
              "detect.yaml:2: detector.score: must be 0..1, is 3");
    EXPECT_EQ(complaint_about("capture:\n\n  pace: fast\n"),
              "detect.yaml:3: capture.pace: must be auto, every or newest, is fast");
    EXPECT_EQ(complaint_about("capture: {rtsp_transport: smoke}\n"),
              "detect.yaml:1: capture.rtsp_transport: must be tcp or udp, is smoke");
    EXPECT_EQ(complaint_about("output: {video: maybe}\n"),
              "detect.yaml:1: output.video: must be true or false");
}

}  // namespace
}  // namespace caplamp::app
