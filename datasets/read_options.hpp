// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "datasets/problem.hpp"

namespace caplamp::datasets {

struct ReadOptions {
    std::string split = "val";
    /// YOLO: labels from this folder instead; only pictures that have a file there are read.
    std::filesystem::path labels{};
    /// VOC and COCO: where the pictures are, when not where the format says.
    std::filesystem::path pictures{};
    /// Which classes the set marks exhaustively, instead of what data.yaml says. With other labels
    /// and no word here, all of them.
    std::optional<std::vector<std::string>> labelled{};
    /// Where to note what is wrong. Without it the first unusable thing is an Error.
    Problems* problems = nullptr;
};

}  // namespace caplamp::datasets
