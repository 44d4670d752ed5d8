// SPDX-License-Identifier: Apache-2.0
#include "app/video_writer.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <opencv2/core.hpp>

#include "capture/source.hpp"
#include "tests/capture/test_media.hpp"

namespace caplamp::app {
namespace {

using std::chrono::duration;

void write_greys(const std::filesystem::path& file, int frames, cv::Size size) {
    VideoWriter writer(file, size, 10);
    for (int i = 0; i < frames; ++i) {
        writer.write(cv::Mat(size, CV_8UC3, cv::Scalar::all(test::grey_of(i))),
                     duration<double>(i / 10.0));
    }
    writer.finish();
}

TEST(VideoWriter, WritesWhatReadersReadBack) {
    const test::TempFolder folder;
    for (const cv::Size size : {cv::Size(64, 64), {322, 242}, {128, 730}}) {
        write_greys(folder / "a.mp4", 25, size);
        const auto source = capture::open_source({.source = (folder / "a.mp4").string()});
        EXPECT_EQ(source->info().frames, 25U);
        EXPECT_TRUE(std::abs(source->info().frames_per_second - 10) <= 0.01);
        for (int i = 0; i < 25; ++i) {
            const auto captured = source->next({});
            ASSERT_TRUE(captured.has_value());
            const Frame& frame = std::get<Frame>(*captured);
            EXPECT_EQ(frame.image.size(), size);
            EXPECT_TRUE(std::abs(frame.media_time.count() - i / 10.0) <= 1e-3) << i;
            const int grey = frame.image.at<cv::Vec3b>(size.height / 2, size.width / 2)[1];
            EXPECT_LE(std::abs(grey - test::grey_of(i)), 4) << i;
        }
        EXPECT_FALSE(source->next({}).has_value());
    }
}

TEST(VideoWriter, KeepsColours) {
    const test::TempFolder folder;
    VideoWriter writer(folder / "a.mp4", {64, 64}, 10);
    writer.write(cv::Mat(64, 64, CV_8UC3, cv::Scalar(40, 90, 200)), {});
    writer.finish();
    const auto source = capture::open_source({.source = (folder / "a.mp4").string()});
    const auto captured = source->next({});
    const cv::Vec3b colour = std::get<Frame>(*captured).image.at<cv::Vec3b>(32, 32);
    EXPECT_LE(std::abs(colour[0] - 40), 8);
    EXPECT_LE(std::abs(colour[1] - 90), 8);
    EXPECT_LE(std::abs(colour[2] - 200), 8);
}

TEST(VideoWriter, TakesTimesThatStandStillOrGoBack) {
    const test::TempFolder folder;
    VideoWriter writer(folder / "a.mp4", {64, 64}, 25);
    for (const double time : {0.0, 0.0, 5.0, 1.0, 5.2}) {
        writer.write(cv::Mat(64, 64, CV_8UC3, cv::Scalar::all(90)), duration<double>(time));
    }
    writer.finish();
    const auto source = capture::open_source({.source = (folder / "a.mp4").string()});
    EXPECT_EQ(source->info().frames, 5U);
}

TEST(VideoWriter, LeavesNothingWhenItIsNotFinished) {
    const test::TempFolder folder;
    {
        VideoWriter writer(folder / "a.mp4", {64, 64}, 25);
        writer.write(cv::Mat(64, 64, CV_8UC3, cv::Scalar::all(90)), {});
    }
    EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

}  // namespace
}  // namespace caplamp::app
