// SPDX-License-Identifier: Apache-2.0
#include "app/detector.hpp"

#include <cassert>
#include <utility>

#include "core/error.hpp"

namespace caplamp::app {
namespace {

using Clock = std::chrono::steady_clock;

const DetectorConfig& checked(const DetectorConfig& config) {
    if (config.precision != "f32") {
        throw Error("precision: " + config.precision + " is not available; this build has f32");
    }
    if (config.threads < 1) throw Error("threads: must be at least 1");
    return config;
}

void check_size(int size, const nn::ModelTable& table) {
    const int multiple = table.multiple_of();
    if (size >= multiple && size % multiple == 0) return;
    throw Error("size: must be a multiple of " + std::to_string(multiple) + " for the model " +
                table.name + ", is " + std::to_string(size));
}

}  // namespace

Detector::Detector(const DetectorConfig& config)
    : Detector(std::make_shared<const Model>(load_model(config.model, config.weights)), config) {}

Detector::Detector(std::shared_ptr<const Model> model, const DetectorConfig& config)
    : config_(checked(config)),
      model_(std::move(model)),
      post_(neck_head::HeadLayout::of(model_->table)),
      compiled_(config.max_shapes) {
    check_size(config_.size, model_->table);
}

Detections Detector::run(const cv::Mat& bgr, const neck_head::PostConfig& post) {
    assert(!bgr.empty() && bgr.type() == CV_8UC3);
    const capture::LetterboxGeometry geometry =
        capture::letterbox_geometry(bgr.cols, bgr.rows, config_.size, model_->table.multiple_of());
    const Shape input = geometry.input_shape();
    nn::Executable& network = compiled_.get(input, [&] {
        return nn::Executable(model_->graph, model_->weights,
                              {.input = input, .threads = config_.threads});
    });
    const auto begin = Clock::now();
    letterbox_.run(bgr, geometry, network.input(0));
    const auto boxed = Clock::now();
    network.run();
    const auto computed = Clock::now();
    maps_.clear();
    for (std::size_t i = 0; i < network.output_values().size(); ++i) {
        maps_.push_back(network.output(i));
    }
    Detections found = post_.run(maps_, post);
    for (Detection& detection : found) detection.box = geometry.to_picture(detection.box);
    times_ = {.begin = begin,
              .letterbox = boxed - begin,
              .network = computed - boxed,
              .post = Clock::now() - computed};
    return found;
}

}  // namespace caplamp::app
