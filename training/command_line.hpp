// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "training/train_config.hpp"

namespace caplamp::training {

/// What `caplamp-train` was asked for.
struct CommandLine {
    bool help = false;
    bool resume = false;
    std::string dump_layers;             // folder; empty: train
    std::string weights;                 // for dump_layers
    std::string picture_size = "64x64";  // for dump_layers: WIDTHxHEIGHT
    TrainConfig config;
};

/// Every setting of the config as `--name VALUE` or `--name=VALUE`. With --resume the config of
/// the run's folder comes first, and the command line changes it. Throws Error for an unknown
/// option (naming the nearest), a missing value or a bad one.
CommandLine parse_command_line(const std::vector<std::string>& words);

std::string help_text();

}  // namespace caplamp::training
