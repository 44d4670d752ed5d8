// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace caplamp::training {

struct PictureCacheConfig {
    int longest_side = 640;      // larger pictures are shrunk to it, smaller ones are kept
    int threads = 0;             // that decode; 0: one per core
    std::filesystem::path file;  // keeps the decoded pictures between runs; empty: not at all
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
    static constexpr int levels = 3;
    struct Level {
        std::uint64_t offset = 0;
        std::int32_t height = 0;
        std::int32_t width = 0;
    };
    std::array<Level, levels> level;
    std::int32_t source_height = 0;  // as stored in the JPEG file
    std::int32_t source_width = 0;
};

/// Every picture of a training decoded once, packed in memory. Immutable, safe to share.
class PictureCache {
public:
    /// Decodes the JPEG files, or loads them from config.file when that was made from the same
    /// paths, file sizes and longest side; else (re)builds that file. Throws Error that counts and
    /// names the pictures that cannot be decoded.
    PictureCache(std::span<const std::filesystem::path> pictures, const PictureCacheConfig& config);

    std::size_t size() const { return pictures_.size(); }
    const CachedPicture& operator[](std::size_t i) const { return pictures_[i]; }
    PictureView view(std::size_t i, int level = 0) const;

    std::span<const std::uint8_t> bytes() const { return {buffer_.get(), byte_count_}; }
    bool was_loaded() const { return was_loaded_; }  // from config.file, without decoding

private:
    void lay_out(std::span<const std::filesystem::path> pictures, int longest_side, int threads);
    void decode(std::span<const std::filesystem::path> pictures, int threads);
    bool load(const std::filesystem::path& file, std::uint64_t key, std::size_t count);
    void save(const std::filesystem::path& file, std::uint64_t key) const;

    std::vector<CachedPicture> pictures_;
    std::unique_ptr<std::uint8_t[]> buffer_;
    std::size_t byte_count_ = 0;
    bool was_loaded_ = false;
};

}  // namespace caplamp::training
