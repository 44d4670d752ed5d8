// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "app/detector.hpp"
#include "app/frame_result.hpp"

namespace caplamp::app {

/// One frame's result and the time its stages took; no times for a lost frame.
struct TimedResult {
    FrameResult result{};
    std::chrono::duration<double> decode{};
    DetectorTimes detector{};
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
