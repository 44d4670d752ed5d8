// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "datasets/labelled_set.hpp"
#include "datasets/read_options.hpp"

namespace caplamp::datasets {

/// The coal mine object detection dataset of the paper: 12,000 surveillance pictures of 640x400,
/// classes helmet and person. Its authors give it on request, and this adapter was written without
/// it. What it assumes, and this page is the one place to change:
///   - annotations are VOC (Annotations/*.xml, JPEGImages/) or YOLO (images/, labels/), the
///     YOLO classes being 0 helmet and 1 person;
///   - a split is ImageSets/Main/<split>.txt (VOC), images/<split>/ or <split>.txt (YOLO), or there
///     are no splits and every split is the whole;
///   - a class is written in any case ("Helmet"), and both are marked in every picture.
/// Throws Error where the folder is neither, and for a third class. Pictures of another size are
/// noted for the check.
LabelledSet read_cmodd(const std::filesystem::path& folder, const ReadOptions& options);

std::vector<std::string> cmodd_splits(const std::filesystem::path& folder);

}  // namespace caplamp::datasets
