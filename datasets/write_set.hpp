// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <span>

#include "datasets/labelled_set.hpp"

namespace caplamp::datasets {

/// What a format could not say, and was left out.
struct Loss {
    int crowds = 0;
    int difficult = 0;
};

/// Writes FOLDER/data.yaml, images/<split>/ (copies) and labels/<split>/ with six decimals. YOLO
/// has no word for crowds and difficult things: they are left out and counted. Throws Error when
/// the folder exists, two pictures have one name, the splits have other names, or writing fails;
/// the folder gets its name only when it is whole.
Loss write_yolo(std::span<const LabelledSet> splits, const std::filesystem::path& folder);

/// Writes one COCO instances file; file_name is relative to the file where that is possible.
/// Nothing is lost. Throws Error when writing fails; the file gets its name only when it is whole.
void write_coco(const LabelledSet& set, const std::filesystem::path& file);

}  // namespace caplamp::datasets
