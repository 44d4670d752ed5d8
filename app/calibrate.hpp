// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <stop_token>

#include "app/detector.hpp"
#include "app/model.hpp"
#include "capture/source.hpp"
#include "transport/scale_set.hpp"

namespace caplamp::app {

struct CalibrateConfig {
    capture::CaptureConfig capture;  // a film or a folder: it is read twice
    std::filesystem::path model = DetectorConfig{}.model;
    std::filesystem::path weights{};  // empty: NAME.safetensors beside the model
    int size = DetectorConfig{}.size;
    int frames = 200;  // at most
    int every = 1;     // of so many frames one is taken
};

/// Learns how the features of a model are quantised at 8 to 2 bits, for every cut: ranges in a
/// first pass through the pictures, statistics of the codes in a second one. Nothing when stopped.
/// Throws Error for a camera, or when no picture can be read.
std::optional<transport::ScaleSet> calibrate(const CalibrateConfig& config, const Model& model,
                                             const std::stop_token& stop);

/// NAME.scales beside weights NAME.safetensors.
std::filesystem::path scales_beside(const std::filesystem::path& weights);

/// Throws Error, naming the file, when it is missing, damaged or another model's.
transport::ScaleSet load_scales(const std::filesystem::path& file, const Model& model);

}  // namespace caplamp::app
