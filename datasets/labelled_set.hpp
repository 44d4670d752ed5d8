// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "core/truth.hpp"

namespace caplamp::datasets {

/// One picture and what a person marked in it, in pixels of the picture as it is stored.
struct LabelledPicture {
    std::filesystem::path file;
    std::filesystem::path labels;  // the file the truths came from; empty: nobody labelled it
    std::int64_t id = 0;           // COCO's image id; 0 in other sets
    int width = 0;
    int height = 0;
    std::vector<Truth> truths;
};

/// A labelled set, whatever it was stored as.
struct LabelledSet {
    std::filesystem::path source;  // what the user named: data.yaml, instances.json, a folder
    std::string split;
    std::vector<std::string> names;  // class ids of the truths count into these
    std::vector<bool> labelled;      // by class id: does the set mark every such thing?
    std::vector<LabelledPicture> pictures;
    /// COCO's category ids, which may have gaps, to class ids. Empty in other sets.
    std::map<std::int64_t, int> class_of_category;
};

/// The set with class ids that count into `names` instead, and a mask of that length: a class that
/// the set has no name for is not labelled. Throws Error when the set marks a class that is none
/// of `names`; a class map says what to do with it.
LabelledSet with_names(LabelledSet set, std::span<const std::string> names);

}  // namespace caplamp::datasets
