// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <opencv2/core/mat.hpp>
#include <string>
#include <string_view>

#include "core/detection.hpp"

namespace caplamp::app {

/// `unknown`: nobody looked at this frame, so nothing is known about who is in it.
enum class FrameStatus { ok, unknown };

constexpr std::string_view to_string(FrameStatus status) {
    return status == FrameStatus::ok ? "ok" : "unknown";
}

/// One frame with what was found in it, on its way to the outputs.
struct FrameResult {
    std::string camera;
    std::uint64_t sequence = 0;
    std::chrono::duration<double> media_time{};
    FrameStatus status = FrameStatus::ok;
    std::string reason;     // of a status other than ok
    cv::Mat image;          // the source's picture; empty when the status is not ok
    Detections detections;  // in pixels of the picture, best first
};

}  // namespace caplamp::app
