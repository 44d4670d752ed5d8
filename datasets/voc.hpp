// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "datasets/labelled_set.hpp"
#include "datasets/read_options.hpp"

namespace caplamp::datasets {

/// A Pascal VOC set: Annotations/*.xml, JPEGImages/, ImageSets/Main/<split>.txt (where there is no
/// ImageSets, all annotations). Also one folder a split with pictures and XML side by side, as
/// labelling tools export it. Class names are those found, in alphabetical order; all count as
/// labelled unless the options say otherwise. Throws Error for what cannot be used.
LabelledSet read_voc(const std::filesystem::path& folder, const ReadOptions& options);

/// The splits that ImageSets/Main or sub-folders offer; one "all" where there are none.
std::vector<std::string> voc_splits(const std::filesystem::path& folder);

}  // namespace caplamp::datasets
