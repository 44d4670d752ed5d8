// SPDX-License-Identifier: Apache-2.0
#include "app/detector.hpp"

#include <algorithm>
#include <cassert>

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
    : config_(checked(config)),
      model_(load_model(config.model, config.weights)),
      post_(neck_head::HeadLayout::of(model_.table), config.post) {
    check_size(config_.size, model_.table);
}

Detections Detector::run(const cv::Mat& bgr) {
    assert(!bgr.empty() && bgr.type() == CV_8UC3);
    const capture::LetterboxGeometry geometry =
        capture::letterbox_geometry(bgr.cols, bgr.rows, config_.size, model_.table.multiple_of());
    Compiled& network = compiled_for(geometry.input_shape());
    const auto begin = Clock::now();
    letterbox_.run(bgr, geometry, network.executable.input(0));
    const auto boxed = Clock::now();
    network.executable.run();
    const auto computed = Clock::now();
    network.maps.clear();
    for (std::size_t i = 0; i < network.executable.output_values().size(); ++i) {
        network.maps.push_back(network.executable.output(i));
    }
    Detections found = post_.run(network.maps);
    for (Detection& detection : found) detection.box = geometry.to_picture(detection.box);
    times_ = {
        .letterbox = boxed - begin, .network = computed - boxed, .post = Clock::now() - computed};
    return found;
}

Detector::Compiled& Detector::compiled_for(Shape input) {
    const auto known = std::ranges::find(compiled_, input, &Compiled::input);
    if (known != compiled_.end()) {
        compiled_.splice(compiled_.begin(), compiled_, known);
        return compiled_.front();
    }
    // The old one goes first, so that memory never holds one more than the limit.
    if (compiled_.size() >= std::max<std::size_t>(1, config_.max_shapes)) compiled_.pop_back();
    nn::Executable executable(model_.graph, model_.weights,
                              {.input = input, .threads = config_.threads});
    compiled_.push_front({input, std::move(executable), {}});
    return compiled_.front();
}

}  // namespace caplamp::app
