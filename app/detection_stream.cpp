// SPDX-License-Identifier: Apache-2.0
#include "app/detection_stream.hpp"

#include <utility>

namespace caplamp::app {

DetectionStream::DetectionStream(capture::Source& source, Detector& detector,
                                 const FrameFeedConfig& config, const std::stop_token& stop)
    : detector_(detector),
      forward_stop_(stop, [this] { stop_.request_stop(); }),
      feed_(source, config, stop_.get_token()),
      results_(config.read_ahead),
      looker_([this] { detect_frames(); }) {}

DetectionStream::~DetectionStream() { stop_.request_stop(); }

std::optional<TimedResult> DetectionStream::next() { return results_.pop(stop_.get_token()); }

void DetectionStream::detect_frames() {
    const std::stop_token stop = stop_.get_token();
    std::exception_ptr failure;
    try {
        while (const auto read = feed_.take()) {
            if (!results_.push(look_at(*read), stop)) break;
        }
    } catch (...) {
        failure = std::current_exception();
    }
    results_.close(failure);
}

TimedResult DetectionStream::look_at(const ReadFrame& read) {
    if (const auto* lost = std::get_if<capture::LostFrame>(&read.captured)) {
        return {.result = result_of(*lost)};
    }
    const Frame& frame = std::get<Frame>(read.captured);
    TimedResult timed{
        .result = result_of(frame), .decode = read.decode, .captured = frame.captured};
    timed.result.detections = detector_.run(frame.image);
    timed.detector = detector_.last_times();
    return timed;
}

}  // namespace caplamp::app
