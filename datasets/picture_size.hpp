// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

namespace caplamp::datasets {

struct PictureSize {
    int width = 0;
    int height = 0;
    bool operator==(const PictureSize&) const = default;
};

/// Reads the size from the header of a JPEG, PNG, BMP or GIF file without decoding it, as the
/// pixels are stored (an EXIF note about turning is not followed). Throws Error when the file
/// cannot be read, is none of these, or ends or contradicts itself before the size.
PictureSize picture_size(const std::filesystem::path& file);

/// True for the endings .jpg, .jpeg, .png, .bmp and .gif, in any case.
bool has_picture_ending(const std::filesystem::path& file);

}  // namespace caplamp::datasets
