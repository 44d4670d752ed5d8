// SPDX-License-Identifier: Apache-2.0
#include "capture/video_source.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>

#include "core/error.hpp"
#include "tests/capture/test_media.hpp"

namespace caplamp::capture {
namespace {

using testing::HasSubstr;

struct Outcome {
    int frames = 0;
    int lost = 0;
    std::string error;
};

Outcome read_all(Source& source) {
    Outcome outcome;
    try {
        while (const auto captured = source.next({})) {
            const bool whole = std::holds_alternative<Frame>(*captured);
            whole ? ++outcome.frames : ++outcome.lost;
        }
    } catch (const Error& e) {
        outcome.error = e.what();
    }
    return outcome;
}

std::unique_ptr<Source> open(const std::filesystem::path& file) {
    return open_source({.source = file.string()});
}

class VideoFormats : public testing::TestWithParam<std::pair<const char*, const char*>> {};

TEST_P(VideoFormats, HandsOutEveryFrameInOrderWithItsTime) {
    const test::TempFolder folder;
    const auto file = folder / GetParam().first;
    test::write_video(file, 25, {64, 48}, GetParam().second);
    const auto source = open(file);
    EXPECT_FALSE(source->info().live);
    EXPECT_EQ(source->info().frames, 25U);
    EXPECT_TRUE(std::abs(source->info().frames_per_second - 10) <= 0.01);
    for (int i = 0; i < 25; ++i) {
        const auto captured = source->next({});
        ASSERT_TRUE(captured.has_value()) << i;
        const Frame& frame = std::get<Frame>(*captured);
        EXPECT_EQ(frame.sequence, static_cast<std::uint64_t>(i));
        EXPECT_TRUE(std::abs(frame.media_time.count() - i / 10.0) <= 1e-3) << i;
        EXPECT_EQ(frame.image.size(), cv::Size(64, 48));
        EXPECT_LE(std::abs(frame.image.at<cv::Vec3b>(24, 32)[1] - test::grey_of(i)), 3) << i;
    }
    EXPECT_FALSE(source->next({}).has_value());
    EXPECT_FALSE(source->next({}).has_value());
}

INSTANTIATE_TEST_SUITE_P(All, VideoFormats,
                         testing::Values(std::pair{"a.avi", "MJPG"}, std::pair{"a.avi", "XVID"},
                                         std::pair{"a.mp4", "mp4v"}, std::pair{"a.mkv", "mp4v"}));

TEST(VideoSource, ReportsAFileThatIsCutShort) {
    const test::TempFolder folder;
    test::write_video(folder / "cut.avi", 40);
    test::cut_short(folder / "cut.avi", 0.6);
    const auto source = open(folder / "cut.avi");
    const Outcome outcome = read_all(*source);
    EXPECT_GT(outcome.frames, 10);
    EXPECT_LT(outcome.frames, 40);
    EXPECT_THAT(outcome.error, HasSubstr("cut.avi: stopped after frame "));
    EXPECT_THAT(outcome.error, HasSubstr(" of 40: the file is cut short"));
}

TEST(VideoSource, ReportsAnMp4WithoutItsIndex) {
    const test::TempFolder folder;
    test::write_video(folder / "cut.mp4", 40, {64, 48}, "mp4v");
    test::cut_short(folder / "cut.mp4", 0.6);
    EXPECT_THROW(open(folder / "cut.mp4"), Error);
}

TEST(VideoSource, ReportsAMatroskaFileThatIsCutShort) {
    const test::TempFolder folder;
    test::write_video(folder / "cut.mkv", 60, {320, 240}, "MJPG");
    test::cut_short(folder / "cut.mkv", 0.5);
    const auto source = open(folder / "cut.mkv");
    EXPECT_THAT(read_all(*source).error, HasSubstr("cut.mkv: stopped after frame "));
}

TEST(VideoSource, KeepsThePlaceOfADamagedPicture) {
    const test::TempFolder folder;
    test::write_video(folder / "a.avi", 20, {320, 240});
    std::fstream file(folder / "a.avi", std::ios::in | std::ios::out | std::ios::binary);
    std::string bytes((std::istreambuf_iterator<char>(file)), {});
    // The fifth picture's start-of-image marker and tables become nonsense.
    std::size_t at = 0;
    for (int i = 0; i < 5; ++i) at = bytes.find("\xFF\xD8\xFF", at + 1);
    ASSERT_NE(at, std::string::npos);
    file.seekp(static_cast<std::streamoff>(at));
    file << std::string(400, 'x');
    file.close();
    const auto source = open(folder / "a.avi");
    const Outcome outcome = read_all(*source);
    EXPECT_EQ(outcome.error, "");
    EXPECT_EQ(outcome.frames + outcome.lost, 20);
    EXPECT_GE(outcome.lost, 1);
}

TEST(VideoSource, ComplainsAboutWhatIsNotAVideo) {
    const test::TempFolder folder;
    test::write_text(folder / "letter.avi", std::string(5000, 'a'));
    test::write_text(folder / "empty.avi", "");
    for (const std::string name : {"letter.avi", "empty.avi"}) {
        try {
            open(folder / name);
            FAIL() << name;
        } catch (const Error& e) {
            EXPECT_THAT(e.what(), HasSubstr(name + ": cannot be opened as a video: "));
        }
    }
}

TEST(VideoSource, ComplainsAboutADeviceThatIsNoCamera) {
    EXPECT_THROW(open_source({.source = "/dev/null"}), Error);
}

TEST(VideoSource, DoesNotTakeAColonForAProtocol) {
    const test::TempFolder folder;
    test::write_video(folder / "cam:1.avi", 3);
    EXPECT_EQ(read_all(*open(folder / "cam:1.avi")).frames, 3);
}

TEST(VideoSource, ReusesTheMemoryOfFramesThatNobodyHolds) {
    const test::TempFolder folder;
    test::write_video(folder / "a.avi", 20);
    const auto source = open(folder / "a.avi");
    std::set<const void*> blocks;
    while (const auto captured = source->next({}))
        blocks.insert(std::get<Frame>(*captured).image.data);
    EXPECT_LE(blocks.size(), 2U);
}

TEST(VideoSource, LeavesFramesAloneThatSomebodyHolds) {
    const test::TempFolder folder;
    test::write_video(folder / "a.avi", 5);
    const auto source = open(folder / "a.avi");
    std::vector<Frame> held;
    while (const auto captured = source->next({})) held.push_back(std::get<Frame>(*captured));
    ASSERT_EQ(held.size(), 5U);
    for (int i = 0; i < 5; ++i) {
        const int grey = held[static_cast<std::size_t>(i)].image.at<cv::Vec3b>(0, 0)[0];
        EXPECT_LE(std::abs(grey - test::grey_of(i)), 3);
    }
}

}  // namespace
}  // namespace caplamp::capture
