// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <opencv2/core/mat.hpp>
#include <string>
#include <vector>

#include "app/model.hpp"
#include "app/recent.hpp"
#include "capture/letterbox.hpp"
#include "core/detection.hpp"
#include "neck_head/neck_head.hpp"
#include "nn/executable.hpp"

namespace caplamp::app {

struct DetectorConfig {
    std::filesystem::path model = "models/caplamp-s.yaml";
    std::filesystem::path weights{};  // empty: NAME.safetensors beside the model
    int size = 640;                   // long side of the network's input, a multiple of its strides
    std::string precision = "f32";
    int threads = 1;  // more than one collapses when the machine has other work
    neck_head::PostConfig post{};
    std::size_t max_shapes = 4;  // input shapes kept compiled; the one unused longest goes
};

/// Where the time of one frame went.
struct DetectorTimes {
    std::chrono::steady_clock::time_point begin{};
    std::chrono::duration<double> letterbox{};
    std::chrono::duration<double> network{};
    std::chrono::duration<double> post{};
};

/// A whole network in this process: pictures of any size to boxes. One thread at a time.
class Detector {
public:
    /// Throws Error for a size, precision, model or weights that cannot be used.
    explicit Detector(const DetectorConfig& config);
    /// With a model that other parts of the program use too; the config's files are not read.
    Detector(std::shared_ptr<const Model> model, const DetectorConfig& config);

    /// Boxes in pixels of `bgr` (8-bit, 3 channels, not empty), best first. The first picture of a
    /// new shape also compiles the network, which `last_times` leaves out.
    Detections run(const cv::Mat& bgr) { return run(bgr, config_.post); }
    Detections run(const cv::Mat& bgr, const neck_head::PostConfig& post);
    const DetectorTimes& last_times() const { return times_; }

    const Model& model() const { return *model_; }
    const std::vector<std::string>& classes() const { return model_->classes; }
    const nn::ModelTable& table() const { return model_->table; }
    const std::filesystem::path& weights_file() const { return model_->weights_file; }

private:
    DetectorConfig config_;
    std::shared_ptr<const Model> model_;
    capture::Letterbox letterbox_;
    neck_head::PostProcess post_;
    Recent<Shape, nn::Executable> compiled_;
    std::vector<TensorView> maps_;
    DetectorTimes times_;
};

}  // namespace caplamp::app
