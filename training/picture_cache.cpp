// SPDX-License-Identifier: Apache-2.0
#include "training/picture_cache.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <optional>
#include <string>

#include "core/error.hpp"
#include "training/area_resize.hpp"
#include "training/cache_file.hpp"
#include "training/jpeg.hpp"
#include "training/parallel.hpp"

namespace caplamp::training {
namespace {

using Level = CachedPicture::Level;

int rounded_share(int side, int part, int whole) {
    return std::max(1, static_cast<int>(std::lround(static_cast<double>(side) * part / whole)));
}

std::uint64_t bytes_of(const Level& level) {
    return static_cast<std::uint64_t>(level.height) * static_cast<std::uint64_t>(level.width) * 3;
}

CachedPicture sizes_of(PictureSize source, int longest_side) {
    CachedPicture picture;
    picture.source_height = source.height;
    picture.source_width = source.width;
    const int longest = std::max(source.height, source.width);
    const int wanted = std::min(longest, longest_side);
    picture.level[0].height = rounded_share(source.height, wanted, longest);
    picture.level[0].width = rounded_share(source.width, wanted, longest);
    for (std::size_t i = 1; i < CachedPicture::levels; ++i) {
        picture.level[i].height = (picture.level[i - 1].height + 1) / 2;
        picture.level[i].width = (picture.level[i - 1].width + 1) / 2;
    }
    return picture;
}

// Names the first few and counts all; a message of thousands of lines helps nobody.
void throw_if_any(const std::vector<std::string>& failures) {
    constexpr std::size_t shown = 20;
    std::string text;
    std::size_t count = 0;
    for (const std::string& failure : failures) {
        if (failure.empty()) continue;
        if (++count <= shown) text += "\n  " + failure;
    }
    if (count == 0) return;
    if (count > shown) text += "\n  and " + std::to_string(count - shown) + " more";
    throw Error(std::to_string(count) + " of " + std::to_string(failures.size()) +
                " pictures cannot be used:" + text);
}

// Runs work(i) for every picture and reports all failures at once.
template <class Work>
void for_each_picture(std::size_t count, int threads, const Work& work) {
    std::vector<std::string> failures(count);
    for_each_in_parallel(count, threads, [&](std::size_t i) {
        try {
            work(i);
        } catch (const std::exception& e) {
            failures[i] = e.what();
        }
    });
    throw_if_any(failures);
}

void decode_levels(const std::filesystem::path& file, const CachedPicture& picture,
                   std::uint8_t* buffer) {
    const Level& first = picture.level[0];
    const RgbPicture decoded = read_jpeg(file, {first.height, first.width});
    PictureView source{decoded.pixels.data(), decoded.height, decoded.width};
    if (source.height < first.height || source.width < first.width)
        throw Error(file.string() + ": changed while it was read");
    for (const Level& level : picture.level) {
        std::uint8_t* const target = buffer + level.offset;
        if (source.height == level.height && source.width == level.width)
            std::memcpy(target, source.pixels, bytes_of(level));
        else
            area_resize(source, level.height, level.width, target);
        source = {target, level.height, level.width};
    }
}

}  // namespace

PictureCache::PictureCache(std::span<const std::filesystem::path> pictures,
                           const PictureCacheConfig& config) {
    if (config.longest_side < 1) throw Error("the cached pictures' longest side must be above 0");
    const bool kept = !config.file.empty();
    const std::uint64_t key = kept ? cache_key(pictures, config.longest_side) : 0;
    if (kept) {
        std::optional<CacheContents> contents = read_cache_file(config.file, key, pictures.size());
        was_loaded_ = contents.has_value();
        if (was_loaded_) contents_ = std::move(*contents);
    }
    if (was_loaded_) return;
    lay_out(pictures, config);
    for_each_picture(pictures.size(), config.threads, [&](std::size_t i) {
        decode_levels(pictures[i], contents_.pictures[i], contents_.buffer.get());
    });
    if (kept) write_cache_file(config.file, key, contents_);
}

void PictureCache::lay_out(std::span<const std::filesystem::path> pictures,
                           const PictureCacheConfig& config) {
    contents_.pictures.resize(pictures.size());
    for_each_picture(pictures.size(), config.threads, [&](std::size_t i) {
        contents_.pictures[i] = sizes_of(jpeg_size(pictures[i]), config.longest_side);
    });
    for (CachedPicture& picture : contents_.pictures)
        for (Level& level : picture.level) {
            level.offset = contents_.byte_count;
            contents_.byte_count += bytes_of(level);
        }
    contents_.buffer = std::make_unique_for_overwrite<std::uint8_t[]>(contents_.byte_count);
}

PictureView PictureCache::view(std::size_t i, int level) const {
    const Level& place = contents_.pictures[i].level[static_cast<std::size_t>(level)];
    return {contents_.buffer.get() + place.offset, place.height, place.width};
}

}  // namespace caplamp::training
