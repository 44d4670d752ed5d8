// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "training/box_geometry.hpp"

namespace caplamp::training {

struct AssignerConfig {
    int most_cells = 10;  // that learn one object
    double alpha = 0.5;   // weight of the predicted score
    double beta = 6.0;    // weight of the predicted box' overlap
    /// An object with a side below the finest stride may hold no cell centre at all; that side
    /// counts as so many pixels when its cells are looked for (surveillance heads are that small).
    double least_side = 16;
};

/// One object of a picture.
struct Target {
    int class_id = 0;
    Corners box;
};

/// The network's present answer for one picture, per cell.
struct Answer {
    std::span<const Cell> cells;
    std::span<const float> scores;  // [cells, classes], 0..1
    std::span<const Corners> boxes;
    int classes = 0;
};

/// A cell, the object it shall find and the score it shall give.
struct AssignedCell {
    int cell = 0;
    int target = 0;
    float score = 0;
};

/// Task-aligned assignment (Feng et al. 2021, eqs 1 and 4, as YOLOv8 uses it): an object takes the
/// cells inside its box where score^alpha * overlap^beta is best, ties to the lower cell; a cell
/// that several objects took learns the one its box overlaps most. Ascending by cell.
std::vector<AssignedCell> assign(const AssignerConfig& config, const Answer& answer,
                                 std::span<const Target> targets);

}  // namespace caplamp::training
