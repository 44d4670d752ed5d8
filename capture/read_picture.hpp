// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <opencv2/core/mat.hpp>

namespace caplamp::capture {

/// Decodes a picture file to 8-bit BGR as stored, without turning it by its EXIF note. Grey
/// becomes three equal channels, alpha is dropped, 16 bits become 8. `into` is reused when it fits
/// and nobody else holds it. Throws Error when the file is missing, cut short or not a picture.
void read_picture(const std::filesystem::path& file, cv::Mat& into);
cv::Mat read_picture(const std::filesystem::path& file);

/// True when the name ends like a picture's or the first bytes are those of one.
bool looks_like_picture(const std::filesystem::path& file);
/// True when the name alone says so.
bool has_picture_name(const std::filesystem::path& file);

}  // namespace caplamp::capture
