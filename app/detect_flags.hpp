// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "app/detect_config.hpp"
#include "app/run_stream.hpp"

namespace CLI {
class App;
}

namespace caplamp::app {

/// What stands on the command line of `detect` and `terminal`; what does not stands in the file, or
/// is a default.
struct DetectFlags {
    std::optional<std::string> source;
    std::optional<std::string> config;
    std::optional<std::string> model;
    std::optional<std::string> weights;
    std::optional<int> size;
    std::optional<std::string> precision;
    std::optional<int> threads;
    std::optional<float> score;
    std::optional<float> iou;
    std::optional<std::string> out;
    std::optional<std::string> coco;
    std::optional<std::string> mot;
    std::optional<std::string> trace;
    bool no_video = false;
};

void add_detect_options(CLI::App& command, DetectFlags& flags);

template <class T, class U>
void override_with(const std::optional<T>& flag, U& setting) {
    if (flag) setting = *flag;
}

void override_with(const DetectFlags& flags, DetectConfig& config);
/// Throws Error when there is no source.
void check_source(const DetectConfig& config);

/// Runs until the end or Ctrl-C, prints the summary, and returns an ExitCode.
int run_to_the_end(const std::function<DetectOutcome(const std::stop_token&)>& run);

}  // namespace caplamp::app
