// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "datasets/check.hpp"
#include "datasets/problem.hpp"

namespace caplamp::app {

/// Classes and sizes of each split, as a table.
std::string summary_table(std::span<const datasets::SplitSummary> splits);

/// The problems by kind, with at most `examples` of each.
std::string problem_list(const datasets::Problems& problems, std::size_t examples);

}  // namespace caplamp::app
