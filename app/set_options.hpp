// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "datasets/labelled_set.hpp"
#include "datasets/problem.hpp"
#include "datasets/read_set.hpp"

namespace CLI {
class App;
}

namespace caplamp::app {

/// How a command line names a labelled set.
struct SetOptions {
    std::string data;
    std::string format;  // empty: by what it looks like
    std::string split;
    std::string labels;
    std::string pictures;
    std::string class_map;
    std::vector<std::string> labelled;

    datasets::Format format_of_data() const;
    /// The set with our class names. `problems` as in datasets::ReadOptions. Throws Error.
    datasets::LabelledSet read(const std::string& of_split, datasets::Problems* problems) const;
    /// The split that was asked for, or all that the set has.
    std::vector<std::string> splits() const;
};

/// All of them but `data` and `split`, which every command words its own way.
void add_set_options(CLI::App& command, SetOptions& options);

}  // namespace caplamp::app
