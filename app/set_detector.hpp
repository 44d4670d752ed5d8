// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "app/detector.hpp"
#include "datasets/labelled_set.hpp"

namespace caplamp::app {

/// Runs a network over all pictures of a set, several pictures at a time: each worker has a
/// detector of its own on one core, which wastes less than several cores in one network.
class SetDetector {
public:
    /// Throws Error as Detector does. `workers` is at least 1.
    SetDetector(const DetectorConfig& config, int workers);

    const Detector& first() const { return *detectors_.front(); }

    /// One list a picture, in the set's order whatever the workers do; nothing when stopped. Shows
    /// its progress. Throws Error for a picture that cannot be read.
    std::optional<std::vector<Detections>> run(const datasets::LabelledSet& set,
                                               const std::stop_token& stop);

private:
    std::vector<std::unique_ptr<Detector>> detectors_;
};

}  // namespace caplamp::app
