// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "datasets/labelled_set.hpp"
#include "datasets/read_options.hpp"

namespace caplamp::datasets {

/// A YOLO set as its data.yaml describes it: `path`, `train`, `val`, `test` (each a folder of
/// pictures, a text file that lists pictures, or several of them), `names` (a list, or a map from
/// 0 on), and our `labelled` (the classes marked exhaustively; all, without it).
/// Labels lie where the last `images` of a picture's path reads `labels`, ending .txt. A picture
/// without labels shows nothing. Throws Error (file and line) for what cannot be used.
LabelledSet read_yolo(const std::filesystem::path& data, const ReadOptions& options);

/// Those of train, val and test that a data.yaml names.
std::vector<std::string> yolo_splits(const std::filesystem::path& data);

/// The pictures of a set that has no data.yaml.
struct YoloFolder {
    std::filesystem::path pictures;  // a folder, or a text file that lists pictures
    std::vector<std::string> names;
};
std::vector<LabelledPicture> read_yolo_pictures(const YoloFolder& folder,
                                                const ReadOptions& options);

}  // namespace caplamp::datasets
