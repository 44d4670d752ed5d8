// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "training/replicas.hpp"

namespace caplamp::training {

/// One row of curves.csv: means since the row before.
struct CurveRow {
    std::int64_t step = 0;
    double epoch = 0;
    double minutes = 0;
    int size = 0;
    double learning_rate = 0;
    StepLosses losses;
    double gradient = 0;  // norm
    double pictures_per_second = 0;
    std::vector<std::optional<double>> ap;  // per class; empty when nothing was validated
};

/// The curves of a run as CSV, flushed row by row so that one can watch.
class Curves {
public:
    /// Continues an existing file after dropping its rows past `step`, or begins one.
    /// Throws Error when it cannot be written.
    Curves(const std::filesystem::path& file, const std::vector<std::string>& classes,
           std::int64_t step);

    void add(const CurveRow& row);

private:
    std::filesystem::path file_;
    std::size_t classes_;
    std::ofstream out_;
};

}  // namespace caplamp::training
