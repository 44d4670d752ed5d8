// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <variant>

#include "core/frame.hpp"

namespace caplamp::capture {

/// Where frames come from and how long to wait for them. `source` is a video file, a picture, a
/// folder of pictures, an rtsp:// or http:// address, or a V4L2 device such as /dev/video0.
struct CaptureConfig {
    std::string source{};
    std::chrono::milliseconds open_deadline{5000};
    std::chrono::milliseconds read_deadline{5000};   // longest silence of a stream or device
    std::chrono::milliseconds first_retry{1000};     // pause before the first reconnection;
    std::chrono::milliseconds longest_retry{30000};  // doubles with each failure up to this one
    std::string rtsp_transport = "tcp";              // or udp
    int decode_threads = 1;
};

struct SourceInfo {
    std::string name;              // for people: file name, or address without its secrets
    bool live = false;             // a camera: the newest frame matters, and outages are normal
    bool pictures = false;         // still pictures, not a film
    std::uint64_t frames = 0;      // as the file announces; 0 when nobody knows
    double frames_per_second = 0;  // 0 when nobody knows
};

/// A frame that should have been there and could not be had: a damaged packet, an unreadable
/// picture in a folder, a camera that is away. It keeps its place in the order, so that nobody
/// takes it for a scene without people.
struct LostFrame {
    std::string camera;  // as of a Frame
    std::uint64_t sequence = 0;
    std::chrono::duration<double> media_time{};
    std::string why;
};

using Captured = std::variant<Frame, LostFrame>;

/// Frames in order. One thread at a time; no call outlasts the deadlines of the config, and a
/// stop request ends it within milliseconds.
class Source {
public:
    virtual ~Source() = default;
    virtual const SourceInfo& info() const = 0;
    /// Nothing at the regular end or once `stop` is asked for. A source that breaks for good
    /// throws Error "x.avi: stopped after frame 212 of 795: the file is cut short".
    virtual std::optional<Captured> next(const std::stop_token& stop) = 0;
};

/// Throws Error when the source is missing, unreadable, empty or does not answer in time.
std::unique_ptr<Source> open_source(const CaptureConfig& config, const std::stop_token& stop = {});

}  // namespace caplamp::capture
