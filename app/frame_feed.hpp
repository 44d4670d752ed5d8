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
#include "capture/source.hpp"
#include "core/latest.hpp"

namespace caplamp::app {

/// What a source gave, and how long it took.
struct ReadFrame {
    capture::Captured captured;
    std::chrono::duration<double> decode{};
};

struct FrameFeedConfig {
    bool keep_newest = false;    // drop what the reader has no time for, instead of waiting
    std::size_t read_ahead = 4;  // frames that may wait
};

/// Reads a source in a thread of its own, ahead of whoever takes the frames. Ends it when it goes.
class FrameFeed {
public:
    /// Borrows the source for its lifetime. A stop of `stop` ends the reading.
    FrameFeed(capture::Source& source, const FrameFeedConfig& config, const std::stop_token& stop);
    ~FrameFeed() { stop_.request_stop(); }
    FrameFeed(const FrameFeed&) = delete;
    FrameFeed& operator=(const FrameFeed&) = delete;

    /// The next frame, for one thread; nothing at the end or once stopped. Throws what ended the
    /// source, after the frames before it.
    std::optional<ReadFrame> take();

    /// Frames that newer ones replaced before anybody took them.
    std::uint64_t dropped() const { return dropped_; }

private:
    void read_all();
    void read_frames();

    capture::Source& source_;
    FrameFeedConfig config_;
    std::stop_source stop_;
    std::stop_callback<std::function<void()>> forward_stop_;
    std::atomic<std::uint64_t> dropped_ = 0;
    BoundedQueue<ReadFrame> queue_;
    Latest<ReadFrame> newest_;
    std::exception_ptr newest_failure_;  // written before newest_ closes
    std::jthread reader_;
};

}  // namespace caplamp::app
