// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>

#include "capture/address.hpp"
#include "capture/av.hpp"
#include "capture/frame_pool.hpp"
#include "capture/pixel_converter.hpp"
#include "capture/source.hpp"

namespace caplamp::capture {

/// Ends libav's blocking calls: it asks `expired` every few milliseconds while it waits.
class Watch {
public:
    /// From now on, give up when `patience` is over or `stop` is asked for.
    void start(std::chrono::milliseconds patience, std::stop_token stop);
    bool stopped() const { return stop_.stop_requested(); }
    bool late() const { return std::chrono::steady_clock::now() >= end_; }
    /// True once a call of libav was ended for being late, whatever it returned then.
    bool ended_a_call() const { return ended_a_call_; }
    static int expired(void* watch);

private:
    std::chrono::steady_clock::time_point end_{};
    std::stop_token stop_;
    bool ended_a_call_ = false;
};

/// One video file, network stream or V4L2 device, read through libav without reconnecting.
class VideoSource : public Source {
public:
    /// Throws Error when it does not open in time or holds no video.
    VideoSource(const CaptureConfig& config, SourceKind kind, const std::stop_token& stop);
    VideoSource(const VideoSource&) = delete;
    VideoSource& operator=(const VideoSource&) = delete;

    const SourceInfo& info() const override { return info_; }
    std::optional<Captured> next(const std::stop_token& stop) override;

private:
    enum class Feed { fed, lost, stopped };

    void open_input(const std::stop_token& stop);
    void open_decoder();
    void describe();
    Feed feed();
    int read_packet();
    void note_end_of(const AVPacket& packet);
    void end_of_packets(int code);
    std::optional<Captured> take_frame();
    LostFrame lose(const std::string& why);
    std::chrono::duration<double> media_time();
    void check_complete() const;
    [[noreturn]] void fail(const std::string& why) const;

    CaptureConfig config_;
    SourceKind kind_;
    SourceInfo info_;
    Watch watch_;  // libav keeps its address
    AvInput input_;
    AvCodec decoder_;
    AvPacket packet_{av_packet_alloc()};
    AvFrame frame_{av_frame_alloc()};
    PixelConverter converter_;
    FramePool pool_;
    int stream_ = -1;
    std::uint64_t sequence_ = 0;
    std::uint64_t packets_ = 0;
    double packets_end_ = 0;  // seconds at which the last packet of any stream ends
    bool last_packet_damaged_ = false;
    bool one_picture_a_packet_ = false;
    bool picture_due_ = false;  // the packet just sent must give a picture
    bool keyframe_seen_ = false;
    std::string broken_;  // why reading ended before the file did
};

}  // namespace caplamp::capture
