// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

namespace caplamp::training {

/// An owned picture, interleaved RGB without padding.
struct RgbPicture {
    int height = 0;
    int width = 0;
    std::vector<std::uint8_t> pixels;
};

struct PictureSize {
    int height = 0;
    int width = 0;
};

/// Sides as the header states them. Throws Error "file: why" when it is no JPEG.
PictureSize jpeg_size(const std::filesystem::path& file);

/// Decodes with both sides at least those of `at_least` where the picture has them: the DCT
/// leaves out detail that shrinking would remove anyway. EXIF rotation is not applied, as labels
/// count stored pixels. Throws Error "file: why" for any damage, a cut-off end included.
RgbPicture read_jpeg(const std::filesystem::path& file, PictureSize at_least);

/// Throws Error when the file cannot be written whole.
void write_jpeg(const std::filesystem::path& file, const RgbPicture& picture, int quality);

}  // namespace caplamp::training
