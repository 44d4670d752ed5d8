// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <opencv2/core/mat.hpp>
#include <string>

#include "tests/core/temp_folder.hpp"

namespace caplamp::test {

/// A film of `frames` flat grey pictures, frame i with the value grey_of(i), 10 a second.
/// `codec` is a FOURCC such as MJPG (avi) or mp4v (mp4).
void write_video(const std::filesystem::path& file, int frames, cv::Size size = {64, 48},
                 const std::string& codec = "MJPG");
int grey_of(int frame);

/// Keeps the first `share` of the file's bytes.
void cut_short(const std::filesystem::path& file, double share);

}  // namespace caplamp::test
