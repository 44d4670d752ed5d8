// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "training/augmentation.hpp"
#include "training/loss.hpp"
#include "training/optimizer.hpp"
#include "training/schedule.hpp"

namespace caplamp::training {

/// Everything that decides a training run. `config.yaml` of the run's folder holds it all.
struct TrainConfig {
    std::vector<std::string> data;        // data.yaml files
    std::vector<std::string> validate;    // data.yaml[:folder of labels]; empty: each set's `val`
    std::vector<std::string> weight;      // SET=x: how often a set's pictures are drawn
    std::vector<std::string> box_weight;  // SET=x or SET/CLASS=x
    std::string model = "models/caplamp-s.yaml";
    std::string out;
    std::string init;   // weights to begin with
    std::string cache;  // folder that keeps decoded pictures between runs
    std::string device = "cpu";
    int cache_side = 640;  // longest side of a decoded picture
    int workers = 0;       // single-threaded replicas; 0: one per core, one on CUDA
    int batch = 32;
    int epochs = 100;
    double minutes = 0;  // above 0: the schedule ends after so many minutes, not after epochs
    double validate_minutes = 10;
    int validate_pictures = 500;  // at most, evenly from all
    int validate_size = 0;        // 0: the largest training size
    double checkpoint_minutes = 3;
    ScheduleConfig schedule;
    OptimizerConfig optimizer;
    LossConfig loss;
    AugmentationConfig augmentation;  // its size is the schedule's
};

/// One named number or text of a config, for the command line and for YAML alike.
struct Setting {
    using Place = std::variant<int*, double*, std::uint64_t*, std::string*,
                               std::vector<std::string>*, OptimizerKind*>;
    std::string name;  // "learning-rate": `--learning-rate` and the YAML key
    std::string help;
    Place place;
    double low = 0;
    double high = 1e9;

    /// Throws Error when the text is not such a number or out of range. Lists grow.
    void set(std::string_view text) const;
    std::string text() const;  // lists: one word per line
};

/// All settings of a config; they point into it.
std::vector<Setting> settings_of(TrainConfig& config);

/// Throws Error or ConfigError "file:line: key: why"; unknown keys are errors.
TrainConfig read_config(const std::filesystem::path& file);

/// Throws Error when it cannot be written.
void write_config(const std::filesystem::path& file, TrainConfig config);

/// Throws Error for what no single range can say: missing data, sides that do not fit the strides.
void check_config(const TrainConfig& config);

}  // namespace caplamp::training
