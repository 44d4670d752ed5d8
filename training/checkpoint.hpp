// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>

#include "training/optimizer.hpp"
#include "training/parameter_store.hpp"

namespace caplamp::training {

/// Where a training stands, beside its tensors. Batches and schedule follow from it.
struct Position {
    std::int64_t step = 0;
    double seconds = 0;      // of all sessions together
    double best_score = -1;  // mAP of the best weights so far
    std::uint64_t seed = 0;
};

/// What a checkpoint saves and fills.
struct TrainingState {
    ParameterStore& weights;
    ParameterStore& average;
    Optimizer& optimizer;
    Position& position;
};

/// Writes beside the file and renames, so that a kill never leaves half of one. Throws Error.
void save_checkpoint(const std::filesystem::path& file, const TrainingState& state);

/// Throws Error when the file is missing, damaged or of another network or optimiser.
void load_checkpoint(const std::filesystem::path& file, const TrainingState& state);

}  // namespace caplamp::training
