// SPDX-License-Identifier: Apache-2.0
#include "app/detect.hpp"

#include <spdlog/spdlog.h>

#include "app/detection_stream.hpp"

namespace caplamp::app {

DetectOutcome detect(const DetectConfig& config, const std::stop_token& stop) {
    const auto source = capture::open_source(config.capture, stop);
    Detector detector(config.detector);
    const capture::SourceInfo& info = source->info();
    spdlog::info("source={} frames={} model={} weights={} size={} threads={}", info.name,
                 info.frames, detector.table().name, detector.weights_file().string(),
                 config.detector.size, config.detector.threads);
    DetectionStream stream(*source, detector, {.keep_newest = keeps_newest(config.pace, info)},
                           stop);
    return run_stream(stream, info, config, detector.model(), "detect");
}

}  // namespace caplamp::app
