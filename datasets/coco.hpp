// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "datasets/labelled_set.hpp"
#include "datasets/read_options.hpp"

namespace caplamp::datasets {

/// A COCO instances file: `images`, `annotations` (`bbox` in pixels, `iscrowd`, `ignore`, `area`)
/// and `categories`, whose ids may have gaps: classes are numbered in order of id. Pictures are
/// looked for in options.pictures, else beside the file, in `images` beside it or beside its
/// folder, and in a folder of the split's name. All classes count as labelled unless the options
/// say otherwise. Throws Error "file:line: why" for what is not JSON and
/// "file: annotations[7]: why" for what is not COCO.
LabelledSet read_coco(const std::filesystem::path& file, const ReadOptions& options);

}  // namespace caplamp::datasets
