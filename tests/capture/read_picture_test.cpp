// SPDX-License-Identifier: Apache-2.0
#include "capture/read_picture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>

#include "core/error.hpp"
#include "tests/capture/test_media.hpp"

namespace caplamp::capture {
namespace {

using testing::HasSubstr;

std::string complaint_about(const std::filesystem::path& file) {
    try {
        read_picture(file);
    } catch (const Error& e) {
        return e.what();
    }
    return "no error";
}

cv::Vec3b only_colour(const cv::Mat& picture) {
    EXPECT_EQ(picture.type(), CV_8UC3);
    return picture.at<cv::Vec3b>(picture.rows / 2, picture.cols / 2);
}

TEST(ReadPicture, MakesThreeChannelsOfGrey) {
    const test::TempFolder folder;
    cv::imwrite((folder / "grey.png").string(), cv::Mat(5, 7, CV_8UC1, cv::Scalar(90)));
    EXPECT_EQ(only_colour(read_picture(folder / "grey.png")), cv::Vec3b(90, 90, 90));
}

TEST(ReadPicture, DropsAlpha) {
    const test::TempFolder folder;
    cv::imwrite((folder / "alpha.png").string(), cv::Mat(5, 7, CV_8UC4, cv::Scalar(10, 20, 30, 0)));
    EXPECT_EQ(only_colour(read_picture(folder / "alpha.png")), cv::Vec3b(10, 20, 30));
}

TEST(ReadPicture, ReducesSixteenBitsToEight) {
    const test::TempFolder folder;
    cv::imwrite((folder / "deep.png").string(), cv::Mat(5, 7, CV_16UC3, cv::Scalar::all(0xABCD)));
    const cv::Vec3b colour = only_colour(read_picture(folder / "deep.png"));
    EXPECT_LE(std::abs(colour[0] - 0xAB), 1);
}

TEST(ReadPicture, ReadsOnePixelAndFortyEightMillion) {
    const test::TempFolder folder;
    cv::imwrite((folder / "dot.png").string(), cv::Mat(1, 1, CV_8UC3, cv::Scalar(1, 2, 3)));
    EXPECT_EQ(only_colour(read_picture(folder / "dot.png")), cv::Vec3b(1, 2, 3));
    cv::imwrite((folder / "big.png").string(), cv::Mat(6000, 8000, CV_8UC1, cv::Scalar(7)),
                {cv::IMWRITE_PNG_COMPRESSION, 1});
    EXPECT_EQ(read_picture(folder / "big.png").size(), cv::Size(8000, 6000));
}

/// An EXIF block with nothing but orientation 6, "turn by 90 degrees".
std::string with_orientation_note(std::vector<std::uint8_t> jpeg) {
    const std::string tiff{"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0", 26};
    const std::string exif = std::string("Exif\0\0", 6) + tiff;
    const std::string header{'\xFF', '\xE1', '\0', static_cast<char>(exif.size() + 2)};
    std::string bytes(jpeg.begin(), jpeg.end());
    return bytes.insert(2, header + exif);
}

TEST(ReadPicture, DoesNotTurnThePictureByItsExifNote) {
    const test::TempFolder folder;
    std::vector<std::uint8_t> jpeg;
    cv::imencode(".jpg", cv::Mat(10, 30, CV_8UC3, cv::Scalar::all(50)), jpeg);
    test::write_text(folder / "note.jpg", with_orientation_note(jpeg));
    EXPECT_EQ(cv::imread((folder / "note.jpg").string()).size(), cv::Size(10, 30));
    EXPECT_EQ(read_picture(folder / "note.jpg").size(), cv::Size(30, 10));
}

TEST(ReadPicture, NamesTheFileAndTheTrouble) {
    const test::TempFolder folder;
    test::write_text(folder / "text.jpg", "this is a letter, not a picture");
    test::write_text(folder / "empty.jpg", "");
    EXPECT_EQ(complaint_about(folder / "text.jpg"),
              (folder / "text.jpg").string() + ": is not a picture, or a damaged one");
    EXPECT_EQ(complaint_about(folder / "empty.jpg"),
              (folder / "empty.jpg").string() + ": is empty");
    EXPECT_THAT(complaint_about(folder / "missing.jpg"), HasSubstr("missing.jpg: cannot be read"));
}

TEST(ReadPicture, RefusesPicturesThatAreCutShort) {
    const test::TempFolder folder;
    cv::Mat noise(80, 80, CV_8UC3);
    cv::randu(noise, cv::Scalar::all(0), cv::Scalar::all(255));
    for (const std::string name : {"cut.jpg", "cut.png"}) {
        cv::imwrite((folder / name).string(), noise);
        test::cut_short(folder / name, 0.7);
        EXPECT_NE(complaint_about(folder / name), "no error") << name;
    }
}

TEST(ReadPicture, ReusesTheMemoryOfAPictureOfTheSameSize) {
    const test::TempFolder folder;
    cv::imwrite((folder / "a.png").string(), cv::Mat(5, 7, CV_8UC3, cv::Scalar::all(1)));
    cv::Mat picture = read_picture(folder / "a.png");
    const auto* const data = picture.data;
    read_picture(folder / "a.png", picture);
    EXPECT_EQ(picture.data, data);
}

TEST(ReadPicture, KnowsPicturesByNameAndByContent) {
    const test::TempFolder folder;
    for (const char* ending : {".png", ".jpg", ".bmp", ".tif", ".webp", ".ppm"}) {
        const std::filesystem::path named = folder / std::string("a").append(ending);
        cv::imwrite(named.string(), cv::Mat(5, 7, CV_8UC3, cv::Scalar::all(1)));
        std::filesystem::rename(named, folder / "nameless");
        EXPECT_TRUE(looks_like_picture(folder / "nameless")) << ending;
    }
    test::write_video(folder / "film.avi", 2);
    EXPECT_TRUE(looks_like_picture("anything.JPEG"));
    EXPECT_FALSE(looks_like_picture("missing"));
    EXPECT_FALSE(looks_like_picture(folder / "film.avi"));
}

}  // namespace
}  // namespace caplamp::capture
