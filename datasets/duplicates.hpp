// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "datasets/labelled_set.hpp"
#include "datasets/problem.hpp"

namespace caplamp::datasets {

/// Pictures that are the same file, byte for byte, within and across splits ("same picture"), and
/// pictures that hold the very same two or more boxes ("same labels": mostly one picture stored
/// twice). A picture in train and val makes every score too good. Reads files only where two have
/// the same length.
void find_duplicate_pictures(std::span<const LabelledSet> splits, Problems& problems);

/// In one picture: a box twice ("same box"), and two boxes of a class that overlap by 0.9 or more
/// ("nearly the same box").
void find_duplicate_boxes(const LabelledPicture& picture, const LabelledSet& set,
                          Problems& problems);

}  // namespace caplamp::datasets
