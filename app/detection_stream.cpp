// SPDX-License-Identifier: Apache-2.0
#include "app/detection_stream.hpp"

#include <utility>

namespace caplamp::app {

using Clock = std::chrono::steady_clock;

DetectionStream::DetectionStream(capture::Source& source, Detector& detector,
                                 const DetectionStreamConfig& config, const std::stop_token& stop)
    : source_(source),
      detector_(detector),
      config_(config),
      forward_stop_(stop, [this] { stop_.request_stop(); }),
      reads_(config.in_flight),
      results_(config.in_flight),
      reader_([this] { read_all(); }),
      looker_([this] { detect_frames(); }) {}

DetectionStream::~DetectionStream() { stop_.request_stop(); }

std::optional<TimedResult> DetectionStream::next() { return results_.pop(stop_.get_token()); }

void DetectionStream::read_all() {
    std::exception_ptr failure;
    try {
        read_frames();
    } catch (...) {
        failure = std::current_exception();
    }
    newest_failure_ = failure;
    newest_.close();
    reads_.close(failure);
}

void DetectionStream::read_frames() {
    const std::stop_token stop = stop_.get_token();
    while (true) {
        const auto begin = Clock::now();
        auto captured = source_.next(stop);
        if (!captured) return;
        Read read{std::move(*captured), Clock::now() - begin};
        if (!config_.keep_newest) {
            if (!reads_.push(std::move(read), stop)) return;
        } else if (newest_.put(std::move(read))) {
            ++dropped_;
        }
    }
}

std::optional<DetectionStream::Read> DetectionStream::take_read() {
    const std::stop_token stop = stop_.get_token();
    if (!config_.keep_newest) return reads_.pop(stop);
    auto read = newest_.take(stop);
    if (!read && newest_failure_ && !stop.stop_requested()) std::rethrow_exception(newest_failure_);
    return read;
}

void DetectionStream::detect_frames() {
    const std::stop_token stop = stop_.get_token();
    std::exception_ptr failure;
    try {
        while (auto read = take_read()) {
            if (!results_.push(look_at(std::move(*read)), stop)) break;
        }
    } catch (...) {
        failure = std::current_exception();
    }
    results_.close(failure);
}

TimedResult DetectionStream::look_at(Read read) {
    TimedResult timed;
    FrameResult& result = timed.result;
    if (auto* lost = std::get_if<capture::LostFrame>(&read.captured)) {
        result.camera = std::move(lost->camera);
        result.sequence = lost->sequence;
        result.media_time = lost->media_time;
        result.status = FrameStatus::unknown;
        result.reason = std::move(lost->why);
        return timed;
    }
    Frame& frame = std::get<Frame>(read.captured);
    result.camera = std::move(frame.camera);
    result.sequence = frame.sequence;
    result.media_time = frame.media_time;
    result.detections = detector_.run(frame.image);
    result.image = std::move(frame.image);
    timed.decode = read.decode;
    timed.detector = detector_.last_times();
    return timed;
}

}  // namespace caplamp::app
