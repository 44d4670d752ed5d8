// SPDX-License-Identifier: Apache-2.0
#include "datasets/picture_size.hpp"

#include <gtest/gtest.h>

#include <random>

#include "small_sets.hpp"

namespace caplamp::datasets {
namespace {

using namespace std::string_literals;

// SOI, an APP0 segment of 16 bytes, then a frame header of 640x400.
const std::string jpeg =
    "\xFF\xD8\xFF\xE0\x00\x10JFIF\0\1\1\0\0\1\0\1\0\0"s
    "\xFF\xFF\xC2\x00\x11\x08\x01\x90\x02\x80\x03"s;
const std::string png = "\x89PNG\r\n\x1A\n\0\0\0\x0DIHDR\0\0\x02\x80\0\0\x01\x90\x08\x02\0\0\0"s;
const std::string gif = "GIF89a\x80\x02\x90\x01"s;
const std::string bmp = "BM\0\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\x80\x02\0\0\x90\x01\0\0"s;
const std::string bmp_top_down =
    "BM\0\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\x80\x02\0\0\x70\xFE\xFF\xFF"s;
const std::string bmp_os2 = "BM\0\0\0\0\0\0\0\0\x1A\0\0\0\x0C\0\0\0\x80\x02\x90\x01"s;

TEST(PictureSize, ReadsTheHeaderOfEveryFormat) {
    const TemporaryFolder folder;
    for (const std::string& bytes : {jpeg, png, gif, bmp, bmp_top_down, bmp_os2})
        EXPECT_EQ(picture_size(folder.write("a", bytes)), (PictureSize{640, 400}));
}

TEST(PictureSize, NeedsEveryByteUpToTheSize) {
    const TemporaryFolder folder;
    const std::pair<std::string, std::size_t> needed[] = {
        {jpeg, jpeg.size() - 1}, {png, 24}, {gif, 10}, {bmp, 26}, {bmp_os2, 22}};
    for (const auto& [bytes, count] : needed) {
        EXPECT_EQ(picture_size(folder.write("a", bytes.substr(0, count))), (PictureSize{640, 400}));
        for (std::size_t cut = 0; cut < count; ++cut)
            EXPECT_THROW(picture_size(folder.write("a", bytes.substr(0, cut))), Error) << cut;
    }
}

TEST(PictureSize, NamesTheFileAndWhatIsWrongWithIt) {
    const TemporaryFolder folder;
    const auto message = [&](const std::string& bytes) {
        return complaint([&] { picture_size(folder.write("a.jpg", bytes)); }, folder.path());
    };
    EXPECT_EQ(message("hello, I am a text"), "a.jpg: not a JPEG, PNG, BMP or GIF picture");
    EXPECT_EQ(message(""), "a.jpg: not a JPEG, PNG, BMP or GIF picture");
    EXPECT_EQ(message("\xFF\xD8\xFF\xD9"), "a.jpg: not a whole JPEG: it states no size");
    EXPECT_EQ(message("\xFF\xD8\xFF\xE0\0\0"s),
              "a.jpg: not a whole JPEG: a segment shorter than its own length");
    EXPECT_EQ(message("\xFF\xD8hello"), "a.jpg: not a whole JPEG: a segment has no marker");
    EXPECT_EQ(message("\xFF\xD8\xFF\xE0\xFF\xFF"), "a.jpg: ends inside its header");
    EXPECT_EQ(message("GIF87a\0\0\1\0"s), "a.jpg: its header states a size of 0x1");
    EXPECT_EQ(complaint([&] { picture_size(folder.path() / "none.jpg"); }, folder.path()),
              "none.jpg: cannot be read");
    EXPECT_THROW(picture_size(folder.path()), Error);
}

TEST(PictureSize, EndsOnRandomBytes) {
    const TemporaryFolder folder;
    std::mt19937 random(5);
    for (int i = 0; i < 200; ++i) {
        std::string bytes = i % 2 == 0 ? jpeg : bmp;
        for (int change = 0; change < 3; ++change)
            bytes[2 + random() % (bytes.size() - 2)] = static_cast<char>(random() & 255);
        try {
            const PictureSize size = picture_size(folder.write("a", bytes));
            EXPECT_GT(size.width, 0);
            EXPECT_GT(size.height, 0);
        } catch (const Error&) {
        }
    }
}

TEST(PictureSize, KnowsPictureEndings) {
    EXPECT_TRUE(has_picture_ending("a/b.JPG"));
    EXPECT_TRUE(has_picture_ending("b.jpeg"));
    EXPECT_FALSE(has_picture_ending("b.txt"));
    EXPECT_FALSE(has_picture_ending("jpg"));
}

}  // namespace
}  // namespace caplamp::datasets
