// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "app/detector.hpp"
#include "app/frame_result.hpp"

namespace caplamp::app {

/// What the link did with a frame. The server's times are by its own clock.
struct LinkTimes {
    std::chrono::duration<double> encode{};
    std::chrono::steady_clock::time_point sent{};
    std::chrono::steady_clock::time_point answered{};
    std::chrono::microseconds queue{};    // on the server
    std::chrono::microseconds compute{};  // on the server
    std::size_t bytes = 0;                // of the frame's parts

    /// Both ways together.
    std::chrono::duration<double> wire() const { return answered - sent - queue - compute; }
};

/// One frame's result and the time its stages took; no times for a lost frame.
struct TimedResult {
    FrameResult result{};
    std::chrono::duration<double> decode{};
    std::chrono::steady_clock::time_point captured{};  // after decoding
    DetectorTimes detector{};                          // with a server, up to the cut
    std::optional<LinkTimes> link{};                   // of a frame that a server answered
};

/// The results of one source, wherever the network runs.
class ResultStream {
public:
    virtual ~ResultStream() = default;

    /// The next result in the source's order; nothing at the end or once stopped. Throws what
    /// ended the source or the detector, after the results before it.
    virtual std::optional<TimedResult> next() = 0;

    /// Frames that newer ones replaced before anybody could look at them.
    virtual std::uint64_t dropped() const = 0;
};

}  // namespace caplamp::app
