// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/truth.hpp"
#include "datasets/picture_size.hpp"
#include "datasets/problem.hpp"

namespace caplamp::datasets {

struct VocObject {
    std::string name;
    Truth truth;  // its class id is not set
};

/// One Pascal VOC annotation file.
struct VocAnnotation {
    std::string filename;             // as it says; empty when it does not
    std::optional<PictureSize> size;  // as it says
    std::vector<VocObject> objects;
};

/// VOC counts pixels from 1, and both corners are inside: a box from (xmin, ymin) to (xmax, ymax)
/// becomes {xmin - 1, ymin - 1, xmax - xmin + 1, ymax - ymin + 1}. `difficult` is kept;
/// `truncated` has no meaning for us. Complains "file:line: why" about an object without name or
/// box, numbers that are none, and corners in the wrong order. Throws Error when the file cannot
/// be read; complains and gives nothing when it is not XML or not an annotation.
std::optional<VocAnnotation> read_voc_annotation(const std::filesystem::path& file,
                                                 Problems* problems);

}  // namespace caplamp::datasets
