// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "datasets/labelled_set.hpp"
#include "datasets/read_options.hpp"

namespace caplamp::datasets {

enum class Format { yolo, voc, coco, cmodd };

/// "yolo", "voc", "coco", "cmodd".
std::string_view name_of(Format format);
std::optional<Format> format_named(std::string_view name);

/// By what it is: a .yaml or .yml file, or a folder with a data.yaml, is YOLO; a .json file COCO;
/// any other folder VOC. CMODD looks like VOC or YOLO and is only read as such when asked for.
/// Throws Error when it is none of these.
Format format_of(const std::filesystem::path& data);

LabelledSet read_set(const std::filesystem::path& data, Format format, const ReadOptions& options);

/// The splits the set offers.
std::vector<std::string> splits_of(const std::filesystem::path& data, Format format);

}  // namespace caplamp::datasets
