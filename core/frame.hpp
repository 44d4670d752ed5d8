// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <opencv2/core/mat.hpp>
#include <string>

namespace caplamp {

/// One picture from one source. `image` is 8-bit BGR, never empty; its pixels are shared with
/// whoever copies the frame, so nobody draws on it without cloning first.
struct Frame {
    std::string camera;          // a name for people: file name, url without secrets
    std::uint64_t sequence = 0;  // counts from 0 in the source's own order
    std::chrono::duration<double> media_time{};        // position in the source
    std::chrono::steady_clock::time_point captured{};  // when this program got hold of it
    cv::Mat image;
};

}  // namespace caplamp
