// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "training/data_set.hpp"
#include "training/picture_cache.hpp"
#include "training/train_config.hpp"

namespace caplamp::training {

/// The pictures and labels of one run, decoded.
struct TrainingData {
    /// Throws Error and ConfigError for sets that cannot be read or hold no picture.
    TrainingData(const TrainConfig& config, const std::vector<std::string>& classes);

    std::uint64_t pictures_per_epoch(const TrainConfig& config) const;
    std::string summary() const;  // "6902 pictures of 4 sets, ..."

    std::vector<DataSet> sets;
    std::vector<DataSet> validation_sets;
    std::unique_ptr<PictureCache> cache;
    std::unique_ptr<PictureCache> validation_cache;
};

}  // namespace caplamp::training
