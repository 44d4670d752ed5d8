// SPDX-License-Identifier: Apache-2.0
#include "training/picture_cache.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <turbojpeg.h>

#include <cmath>
#include <fstream>
#include <iterator>

#include "core/error.hpp"
#include "tests/training/painted_pictures.hpp"
#include "training/cache_file.hpp"

namespace caplamp::training {
namespace {

using testing::HasSubstr;

std::string contents_of(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

bool same_bytes(const PictureCache& a, const PictureCache& b) {
    return std::equal(a.bytes().begin(), a.bytes().end(), b.bytes().begin(), b.bytes().end());
}

// A square JPEG of one component.
std::string grey_jpeg(int side, std::uint8_t value) {
    const std::vector<std::uint8_t> pixels(static_cast<std::size_t>(side * side), value);
    const tjhandle encoder = tjInitCompress();
    unsigned char* raw = nullptr;
    unsigned long size = 0;
    tjCompress2(encoder, pixels.data(), side, 0, side, TJPF_GRAY, &raw, &size, TJSAMP_GRAY, 95, 0);
    std::string bytes(reinterpret_cast<const char*>(raw), size);
    tjFree(raw);
    tjDestroy(encoder);
    return bytes;
}

class PictureCacheTest : public testing::Test {
protected:
    std::vector<std::filesystem::path> pictures() const {
        return pictures_of(std::vector<DataSet>{set});
    }

    TemporaryFolder folder;
    DataSet set = painted_set(folder, "set", assorted_pictures());
    std::filesystem::path file = folder.path() / "pictures.cache";
};

TEST_F(PictureCacheTest, HoldsPixelsAndSizesOfEveryPicture) {
    const PictureCache cache(pictures(), {.longest_side = 640});
    ASSERT_EQ(cache.size(), 6U);
    const RgbPicture expected = paint(assorted_pictures()[0]);
    const PictureView view = cache.view(0);
    ASSERT_EQ(view.width, 120);
    ASSERT_EQ(view.height, 80);
    for (std::size_t i = 0; i < expected.pixels.size(); ++i)
        ASSERT_TRUE(std::abs(view.pixels[i] - expected.pixels[i]) <= 12) << i;
    EXPECT_EQ(cache.view(0, 1).width, 60);
    EXPECT_EQ(cache.view(4, 2).width, 25);  // 97 -> 49 -> 25
}

TEST_F(PictureCacheTest, ShrinksToTheLongestSideAndNeverEnlarges) {
    const PictureCache cache(pictures(), {.longest_side = 100});
    EXPECT_EQ(cache.view(0).width, 100);
    EXPECT_EQ(cache.view(0).height, 67);
    EXPECT_EQ(cache.view(3).width, 100);
    EXPECT_EQ(cache[3].source_width, 300);
    EXPECT_EQ(cache[3].source_height, 200);
    EXPECT_EQ(cache.view(5).width, 33);
    const PictureView view = cache.view(3);  // red 200..290 of 300, 30..100 of 200
    const std::uint8_t* red = view.pixels + (20 * 100 + 80) * 3;
    EXPECT_TRUE(red[0] > 245 && red[1] < 10) << int{red[0]} << ' ' << int{red[1]};
}

TEST_F(PictureCacheTest, IsTheSameWithOneAndWithManyThreads) {
    const PictureCache one(pictures(), {.longest_side = 64, .threads = 1});
    const PictureCache many(pictures(), {.longest_side = 64, .threads = 5});
    EXPECT_TRUE(same_bytes(one, many));
}

TEST_F(PictureCacheTest, ReadsGreyPictures) {
    const auto path = folder.write("grey.jpg", grey_jpeg(16, 200));
    const PictureCache cache(std::vector<std::filesystem::path>{path}, {});
    EXPECT_EQ(cache.view(0).width, 16);
    EXPECT_TRUE(std::abs(cache.view(0).pixels[0] - 200) <= 2);
    EXPECT_EQ(cache.view(0).pixels[0], cache.view(0).pixels[2]);
}

TEST_F(PictureCacheTest, ComesBackFromItsFile) {
    const PictureCacheConfig config{.longest_side = 64, .file = file};
    const PictureCache made(pictures(), config);
    EXPECT_FALSE(made.was_loaded());
    const PictureCache loaded(pictures(), config);
    EXPECT_TRUE(loaded.was_loaded());
    EXPECT_TRUE(same_bytes(made, loaded));
    EXPECT_EQ(loaded[3].source_width, 300);
    EXPECT_FALSE(std::filesystem::exists(file.string() + ".unfinished"));
}

TEST_F(PictureCacheTest, RebuildsWhenAPictureChangedOrTheSizeOrTheList) {
    PictureCacheConfig config{.longest_side = 64, .file = file};
    const PictureCache first(pictures(), config);
    write_jpeg(set.samples[1].picture, paint({50, 50, 2, 10, 10, 40, 40}), 90);
    const PictureCache changed(pictures(), config);
    EXPECT_FALSE(changed.was_loaded());
    EXPECT_EQ(changed.view(1).width, 50);
    EXPECT_TRUE(PictureCache(pictures(), config).was_loaded());
    config.longest_side = 32;
    EXPECT_FALSE(PictureCache(pictures(), config).was_loaded());
    set.samples.pop_back();
    EXPECT_FALSE(PictureCache(pictures(), config).was_loaded());
}

TEST_F(PictureCacheTest, RebuildsWhenTheFileIsCutOffOrForeign) {
    const PictureCacheConfig config{.longest_side = 64, .file = file};
    const PictureCache made(pictures(), config);
    const std::string whole = contents_of(file);
    for (const std::size_t length : {std::size_t{0}, std::size_t{20}, whole.size() - 1}) {
        std::ofstream(file, std::ios::binary) << whole.substr(0, length);
        const PictureCache again(pictures(), config);
        EXPECT_FALSE(again.was_loaded()) << length;
        EXPECT_TRUE(same_bytes(made, again));
    }
}

TEST_F(PictureCacheTest, DoesNotBelieveATableThatPointsOutsideTheBuffer) {
    const std::uint64_t key = cache_key(pictures(), 64);
    const PictureCacheConfig config{.longest_side = 64, .file = file};
    const PictureCache made(pictures(), config);
    std::string bytes = contents_of(file);
    bytes[32 + 6] = 127;  // high bytes of the first level's offset, behind the 32 of the header
    std::ofstream(file, std::ios::binary) << bytes;
    EXPECT_FALSE(read_cache_file(file, key, set.samples.size()).has_value());
}

TEST_F(PictureCacheTest, CountsAndNamesBrokenPictures) {
    const std::string whole = contents_of(set.samples[3].picture);
    folder.write("set/1.jpg", "this is text");
    folder.write("set/3.jpg", whole.substr(0, whole.size() / 2));
    folder.write("set/4.jpg", "");
    std::filesystem::remove(folder.path() / "set/5.jpg");
    const std::string text = error_of([&] { PictureCache(pictures(), {.longest_side = 64}); });
    EXPECT_THAT(text, HasSubstr("3 of 6 pictures cannot be used"));
    EXPECT_THAT(text, HasSubstr("set/1.jpg: is no readable JPEG"));
    EXPECT_THAT(text, HasSubstr("set/4.jpg: is empty"));
    EXPECT_THAT(text, HasSubstr("set/5.jpg: cannot be read"));
}

TEST_F(PictureCacheTest, TakesACutOffPictureForBroken) {
    const std::string whole = contents_of(set.samples[3].picture);
    folder.write("set/3.jpg", whole.substr(0, whole.size() / 2));
    const std::string text = error_of([&] { PictureCache(pictures(), {.longest_side = 64}); });
    EXPECT_THAT(text, HasSubstr("1 of 6 pictures"));
    EXPECT_THAT(text, HasSubstr("set/3.jpg: is damaged"));
}

TEST_F(PictureCacheTest, SaysWhenItsFileCannotBeWritten) {
    const auto nowhere = folder.path() / "missing/pictures.cache";
    EXPECT_THAT(error_of([&] { PictureCache(pictures(), {.longest_side = 64, .file = nowhere}); }),
                HasSubstr("missing/pictures.cache: the picture cache cannot be written"));
}

}  // namespace
}  // namespace caplamp::training
