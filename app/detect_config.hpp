// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <filesystem>

#include "app/detector.hpp"
#include "capture/source.hpp"
#include "core/config_node.hpp"

namespace caplamp::app {

/// Which frames reach the network when it is slower than the source.
enum class Pace {
    automatic,  // newest for cameras, every for files
    every,      // the source waits
    newest,     // older ones are dropped and counted
};

struct OutputConfig {
    std::filesystem::path folder = "out";
    bool video = true;            // FOLDER/overlay.mp4, and FOLDER/overlay/*.jpg for pictures
    int video_long_side = 1920;   // larger pictures are scaled down for the overlay
    std::filesystem::path coco;   // COCO results; empty: none
    std::filesystem::path mot;    // MOT-challenge CSV; empty: none
    std::filesystem::path trace;  // Chrome trace of where the time went; empty: none
};

/// Everything that `caplamp detect` can be told.
struct DetectConfig {
    capture::CaptureConfig capture;
    Pace pace = Pace::automatic;
    DetectorConfig detector;
    OutputConfig output;

    /// Settings of the file over the defaults. Throws ConfigError naming line and setting.
    static DetectConfig load(const std::filesystem::path& file);
    static DetectConfig read(const ConfigNode& root);
    /// Only the sections it knows; others are the caller's.
    static DetectConfig read_sections(const ConfigNode& root);
};

/// A duration in seconds, if it is there.
void read_seconds(const ConfigNode& node, std::chrono::milliseconds& value);

}  // namespace caplamp::app
