// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <optional>
#include <stop_token>
#include <thread>

#include "app/bounded_queue.hpp"
#include "app/detector.hpp"
#include "app/frame_result.hpp"
#include "capture/source.hpp"
#include "core/latest.hpp"

namespace caplamp::app {

/// One frame's result and the time its stages took; no times for a lost frame.
struct TimedResult {
    FrameResult result;
    std::chrono::duration<double> decode{};
    DetectorTimes detector;
};

struct DetectionStreamConfig {
    bool keep_newest = false;   // drop what the network has no time for, instead of waiting
    std::size_t in_flight = 4;  // frames that may wait between two stages
};

/// Runs a source through a detector, each in a thread of its own, so that reading, detecting and
/// what the caller does with the results overlap. Ends its threads when it goes.
class DetectionStream {
public:
    /// Borrows both for its lifetime. A stop of `stop` ends the stream.
    DetectionStream(capture::Source& source, Detector& detector,
                    const DetectionStreamConfig& config, const std::stop_token& stop);
    ~DetectionStream();
    DetectionStream(const DetectionStream&) = delete;
    DetectionStream& operator=(const DetectionStream&) = delete;

    /// The next result in the source's order; nothing at the end or once stopped. Throws what
    /// ended the source or the detector, after the results before it.
    std::optional<TimedResult> next();

    /// Frames that newer ones replaced before the network could look at them.
    std::uint64_t dropped() const { return dropped_; }

private:
    struct Read {
        capture::Captured captured;
        std::chrono::duration<double> decode{};
    };
    void read_frames();
    void read_all();
    void detect_frames();
    std::optional<Read> take_read();
    TimedResult look_at(Read read);

    capture::Source& source_;
    Detector& detector_;
    DetectionStreamConfig config_;
    std::stop_source stop_;
    std::stop_callback<std::function<void()>> forward_stop_;
    std::atomic<std::uint64_t> dropped_ = 0;
    BoundedQueue<Read> reads_;
    Latest<Read> newest_;
    std::exception_ptr newest_failure_;  // written before newest_ closes
    BoundedQueue<TimedResult> results_;
    std::jthread reader_;
    std::jthread looker_;
};

}  // namespace caplamp::app
