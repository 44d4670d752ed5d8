// SPDX-License-Identifier: Apache-2.0
#include "capture/jpeg_check.hpp"

#include <gtest/gtest.h>

#include <opencv2/imgcodecs.hpp>
#include <vector>

namespace caplamp::capture {
namespace {

std::vector<std::uint8_t> noisy_jpeg(bool progressive) {
    cv::Mat picture(40, 60, CV_8UC3);
    cv::randu(picture, cv::Scalar::all(0), cv::Scalar::all(255));
    std::vector<std::uint8_t> bytes;
    cv::imencode(
        ".jpg", picture, bytes,
        {cv::IMWRITE_JPEG_PROGRESSIVE, progressive ? 1 : 0, cv::IMWRITE_JPEG_RST_INTERVAL, 2});
    return bytes;
}

TEST(JpegCheck, AcceptsWholeFilesAndTrailingBytes) {
    for (const bool progressive : {false, true}) {
        std::vector<std::uint8_t> bytes = noisy_jpeg(progressive);
        EXPECT_FALSE(is_truncated_jpeg(bytes));
        bytes.insert(bytes.end(), 10, 0);
        EXPECT_FALSE(is_truncated_jpeg(bytes));
    }
}

TEST(JpegCheck, SeesACutAtEveryPosition) {
    for (const bool progressive : {false, true}) {
        const std::vector<std::uint8_t> bytes = noisy_jpeg(progressive);
        for (std::size_t size = 2; size < bytes.size(); ++size) {
            EXPECT_TRUE(is_truncated_jpeg(std::span(bytes).first(size))) << size;
        }
    }
}

TEST(JpegCheck, ReadsTheSizeFromTheHeader) {
    for (const bool progressive : {false, true}) {
        const std::vector<std::uint8_t> bytes = noisy_jpeg(progressive);
        EXPECT_EQ(jpeg_size(bytes), (JpegSize{60, 40}));
        EXPECT_EQ(jpeg_size(std::span(bytes).first(30)), std::nullopt);
    }
    EXPECT_EQ(jpeg_size({}), std::nullopt);
    EXPECT_EQ(jpeg_size(std::vector<std::uint8_t>{'h', 'e', 'l', 'l', 'o'}), std::nullopt);
}

TEST(JpegCheck, IsNotFooledByAThumbnailInside) {
    std::vector<std::uint8_t> bytes{0xFF, 0xD8, 0xFF, 0xE1, 0x00, 0x08,
                                    0xFF, 0xD8, 0xFF, 0xD9, 0,    0};
    EXPECT_TRUE(is_truncated_jpeg(bytes));
    bytes.insert(bytes.end(), {0xFF, 0xD9});
    EXPECT_FALSE(is_truncated_jpeg(bytes));
}

TEST(JpegCheck, LeavesOtherFilesAlone) {
    EXPECT_FALSE(is_truncated_jpeg({}));
    EXPECT_FALSE(is_truncated_jpeg(std::vector<std::uint8_t>{'h', 'e', 'l', 'l', 'o'}));
}

}  // namespace
}  // namespace caplamp::capture
