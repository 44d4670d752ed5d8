// SPDX-License-Identifier: Apache-2.0
#include "capture/picture_source.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <opencv2/imgcodecs.hpp>

#include "core/error.hpp"
#include "tests/capture/test_media.hpp"

namespace caplamp::capture {
namespace {

using testing::HasSubstr;

void write_picture(const std::filesystem::path& file, int grey) {
    cv::imwrite(file.string(), cv::Mat(4, 4, CV_8UC3, cv::Scalar::all(grey)));
}

TEST(PictureSource, WalksAFolderInNaturalOrder) {
    const test::TempFolder folder;
    write_picture(folder / "p10.png", 10);
    write_picture(folder / "p9.png", 9);
    write_picture(folder / "p1.png", 1);
    test::write_text(folder / "notes.txt", "not for the detector");
    std::filesystem::create_directory(folder / "inner.png");
    PictureSource source(folder.path());
    EXPECT_EQ(source.info().frames, 3U);
    EXPECT_FALSE(source.info().live);
    std::uint64_t sequence = 0;
    for (const int expected : {1, 9, 10}) {
        const auto captured = source.next({});
        ASSERT_TRUE(captured.has_value());
        const Frame& frame = std::get<Frame>(*captured);
        EXPECT_EQ(frame.camera, std::string("p").append(std::to_string(expected)).append(".png"));
        EXPECT_EQ(frame.image.at<cv::Vec3b>(0, 0)[0], expected);
        EXPECT_EQ(frame.sequence, sequence++);
    }
    EXPECT_FALSE(source.next({}).has_value());
    EXPECT_FALSE(source.next({}).has_value());
}

TEST(PictureSource, KeepsThePlaceOfAnUnreadablePicture) {
    const test::TempFolder folder;
    write_picture(folder / "1.png", 1);
    test::write_text(folder / "2.jpg", "words");
    write_picture(folder / "3.png", 3);
    PictureSource source(folder.path());
    ASSERT_TRUE(std::holds_alternative<Frame>(*source.next({})));
    const auto lost = source.next({});
    EXPECT_EQ(std::get<LostFrame>(*lost).sequence, 1U);
    EXPECT_THAT(std::get<LostFrame>(*lost).why, HasSubstr("2.jpg: is not a picture"));
    EXPECT_EQ(std::get<Frame>(*source.next({})).sequence, 2U);
}

TEST(PictureSource, ThrowsForASinglePictureThatIsNone) {
    const test::TempFolder folder;
    test::write_text(folder / "letter.jpg", "words");
    PictureSource source(folder / "letter.jpg");
    EXPECT_THROW(source.next({}), Error);
}

TEST(PictureSource, ThrowsForAnEmptyFolder) {
    const test::TempFolder folder;
    EXPECT_THROW(PictureSource source(folder.path()), Error);
}

TEST(PictureSource, StopsWhenAsked) {
    const test::TempFolder folder;
    write_picture(folder / "1.png", 1);
    PictureSource source(folder.path());
    std::stop_source stop;
    stop.request_stop();
    EXPECT_FALSE(source.next(stop.get_token()).has_value());
}

}  // namespace
}  // namespace caplamp::capture
