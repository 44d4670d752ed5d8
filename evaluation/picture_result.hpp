// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "core/detection.hpp"
#include "core/truth.hpp"

namespace caplamp::evaluation {

/// What is in one picture, and what was found there. Order of the detections does not matter,
/// except that among equal scores the earlier one counts as the better.
struct PictureResult {
    std::vector<Truth> truths;
    Detections detections;
    /// By class id: does the set say exhaustively where this class is? Where it does not, the
    /// picture says nothing about the class. Empty: all classes are labelled.
    std::vector<bool> labelled;

    bool labels(int class_id) const {
        return labelled.empty() || labelled[static_cast<std::size_t>(class_id)];
    }
};

}  // namespace caplamp::evaluation
