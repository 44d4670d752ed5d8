// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <vector>

#include "core/detection.hpp"
#include "datasets/labelled_set.hpp"

namespace caplamp::datasets {

/// A COCO results file ([{image_id, category_id, bbox, score}]) for the pictures of `set`: one
/// list a picture, empty where it finds nothing. In a COCO set both ids are the set's own. In any
/// other set a category_id counts the names from 1, and an image_id is the file's name, with or
/// without its ending; as a number, the picture whose name is that number (as Ultralytics writes
/// it), or where no picture is named by a number, its place in the set, from 1.
/// Detections in pictures that are not of the set are left out: a file may hold more splits than
/// one. Throws Error "file: detections[7]: why" for what is not a result, and when the file is
/// about none of the set's pictures.
std::vector<Detections> read_coco_results(const std::filesystem::path& file,
                                          const LabelledSet& set);

}  // namespace caplamp::datasets
