// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <thread>

#include "app/bounded_queue.hpp"
#include "app/detector.hpp"
#include "app/frame_feed.hpp"
#include "app/result_stream.hpp"

namespace caplamp::app {

/// Runs a source through a detector, each in a thread of its own, so that reading, detecting and
/// what the caller does with the results overlap. Ends its threads when it goes.
class DetectionStream : public ResultStream {
public:
    /// Borrows both for its lifetime. A stop of `stop` ends the stream.
    DetectionStream(capture::Source& source, Detector& detector, const FrameFeedConfig& config,
                    const std::stop_token& stop);
    ~DetectionStream() override;
    DetectionStream(const DetectionStream&) = delete;
    DetectionStream& operator=(const DetectionStream&) = delete;

    std::optional<TimedResult> next() override;
    std::uint64_t dropped() const override { return feed_.dropped(); }

private:
    void detect_frames();
    TimedResult look_at(const ReadFrame& read);

    Detector& detector_;
    std::stop_source stop_;
    std::stop_callback<std::function<void()>> forward_stop_;
    FrameFeed feed_;
    BoundedQueue<TimedResult> results_;
    std::jthread looker_;
};

}  // namespace caplamp::app
