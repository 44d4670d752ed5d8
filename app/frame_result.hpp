// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <opencv2/core/mat.hpp>
#include <string>
#include <string_view>

#include "capture/source.hpp"
#include "core/detection.hpp"
#include "core/frame.hpp"

namespace caplamp::app {

/// What became of a frame. Of the last three nothing is known about who is in it.
enum class FrameStatus {
    ok,
    degraded,  // looked at, but not as asked for: alone, because no server could
    late,      // the server's answer came too late
    dropped,   // the server had no time for it
    unknown,   // nobody looked at it
};

constexpr bool was_looked_at(FrameStatus status) {
    return status == FrameStatus::ok || status == FrameStatus::degraded;
}

constexpr std::string_view to_string(FrameStatus status) {
    switch (status) {
        case FrameStatus::ok:
            return "ok";
        case FrameStatus::degraded:
            return "degraded";
        case FrameStatus::late:
            return "late";
        case FrameStatus::dropped:
            return "dropped";
        case FrameStatus::unknown:
            break;
    }
    return "unknown";
}

/// One frame with what was found in it, on its way to the outputs.
struct FrameResult {
    std::string camera{};
    std::uint64_t sequence = 0;
    std::chrono::duration<double> media_time{};
    FrameStatus status = FrameStatus::ok;
    std::string reason{};     // of a status other than ok
    cv::Mat image{};          // the source's picture; empty when it could not be read
    Detections detections{};  // in pixels of the picture, best first
};

/// The frame's name and picture, still without detections.
FrameResult result_of(const Frame& frame);
FrameResult result_of(const capture::LostFrame& lost);

}  // namespace caplamp::app
