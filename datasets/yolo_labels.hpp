// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <vector>

#include "core/truth.hpp"
#include "datasets/picture_size.hpp"
#include "datasets/problem.hpp"

namespace caplamp::datasets {

/// A YOLO label file: one line a thing, "class centre_x centre_y width height", in fractions of
/// the picture; or a polygon "class x1 y1 x2 y2 x3 y3 ...", of which the bounding box is taken.
/// Complains "file:line: why" about a line that is neither, a class that is none of `class_count`,
/// a negative size, and values outside 0..1 (that is pixels, not fractions).
std::vector<Truth> read_yolo_labels(const std::filesystem::path& file, PictureSize picture,
                                    std::size_t class_count, Problems* problems);

}  // namespace caplamp::datasets
