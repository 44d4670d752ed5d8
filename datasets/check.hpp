// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <span>
#include <string>
#include <vector>

#include "datasets/labelled_set.hpp"
#include "datasets/problem.hpp"

namespace caplamp::datasets {

/// How many things of a class a split holds, and how high they are in pixels.
struct ClassCount {
    std::string name;
    bool labelled = true;
    int pictures = 0;  // that show at least one
    int instances = 0;
    std::array<int, 4> by_height{};  // under 16, under 32, under 96, the rest
    double median_height = 0;
};

struct SplitSummary {
    std::string split;
    int pictures = 0;
    int background = 0;  // pictures that show nothing
    std::vector<ClassCount> classes;
};

SplitSummary summarise(const LabelledSet& set);

/// What is wrong with sets that could be read, in addition to what the readers noted: boxes
/// without area, boxes that leave their picture by more than a pixel, boxes and pictures that are
/// there twice.
Problems check(std::span<const LabelledSet> splits);

}  // namespace caplamp::datasets
