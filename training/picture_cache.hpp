// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <vector>

namespace caplamp::training {

struct PictureCacheConfig {
    int longest_side = 640;        // larger pictures are shrunk to it, smaller ones are kept
    int threads = 0;               // that decode; 0: one per core
    std::filesystem::path file{};  // keeps the decoded pictures between runs; empty: not at all
};

/// A borrowed picture, interleaved RGB without padding.
struct PictureView {
    const std::uint8_t* pixels = nullptr;
    int height = 0;
    int width = 0;
};

/// Sizes in pixels and place in the packed buffer. Level 0 is the picture, each further level
/// has half its sides (rounded up), so that strong shrinking samples a level near its size.
struct CachedPicture {
    static constexpr std::size_t levels = 3;
    struct Level {
        std::uint64_t offset = 0;
        std::int32_t height = 0;
        std::int32_t width = 0;
    };
    std::array<Level, levels> level;
    std::int32_t source_height = 0;  // as stored in the JPEG file
    std::int32_t source_width = 0;
};

/// What a cache holds in memory and in its file.
struct CacheContents {
    std::vector<CachedPicture> pictures;
    std::unique_ptr<std::uint8_t[]> buffer;
    std::uint64_t byte_count = 0;
};

/// Every picture of a training decoded once, packed in memory. Immutable, safe to share.
class PictureCache {
public:
    /// Decodes the JPEG files, or loads them from config.file when that was made from the same
    /// paths, file sizes and longest side; else (re)builds that file. Throws Error that counts and
    /// names the pictures that cannot be decoded, or when the file cannot be written.
    PictureCache(std::span<const std::filesystem::path> pictures, const PictureCacheConfig& config);

    std::size_t size() const { return contents_.pictures.size(); }
    const CachedPicture& operator[](std::size_t i) const { return contents_.pictures[i]; }
    PictureView view(std::size_t i, int level = 0) const;

    std::span<const std::uint8_t> bytes() const {
        return {contents_.buffer.get(), contents_.byte_count};
    }
    bool was_loaded() const { return was_loaded_; }  // from config.file, without decoding

private:
    void lay_out(std::span<const std::filesystem::path> pictures, const PictureCacheConfig& config);

    CacheContents contents_;
    bool was_loaded_ = false;
};

}  // namespace caplamp::training
