// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "datasets/labelled_set.hpp"

namespace caplamp::datasets {

/// What another set's classes are in ours: a YAML map "their name: our name", or "ignore" for
/// things to forget.
class ClassMap {
public:
    /// Throws Error when the file cannot be read, ConfigError for what is wrong inside.
    static ClassMap load(const std::filesystem::path& file);

    /// Renames, merges and forgets. Names are then ours, in the order of the map; one is labelled
    /// when every class that became it is. Throws Error when the set has a class that the map
    /// does not mention.
    LabelledSet apply(LabelledSet set) const;

private:
    std::filesystem::path file_;
    std::vector<std::pair<std::string, std::optional<std::string>>> ours_of_;
};

}  // namespace caplamp::datasets
