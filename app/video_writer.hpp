// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <opencv2/core/mat.hpp>

#include "app/pending_file.hpp"
#include "capture/av.hpp"

namespace caplamp::app {

/// Writes 8-bit BGR pictures of one even size as MP4: H.264 where libav has x264, else MPEG-4
/// part 2. The file gets its name in finish(). Throws Error when it cannot be written.
class VideoWriter {
public:
    VideoWriter(const std::filesystem::path& file, cv::Size size, double frames_per_second);
    ~VideoWriter();
    VideoWriter(const VideoWriter&) = delete;
    VideoWriter& operator=(const VideoWriter&) = delete;

    /// Shown at `time`; a time that is not later than the last one becomes the next instant.
    void write(const cv::Mat& bgr, std::chrono::duration<double> time);
    void finish();

private:
    void open_encoder(cv::Size size, double frames_per_second);
    void open_container();
    void prepare_picture();
    void encode(const AVFrame* frame);
    void check(int code) const;

    PendingFile file_;
    std::unique_ptr<AVFormatContext, void (*)(AVFormatContext*)> output_;
    capture::AvCodec encoder_;
    capture::AvScaler scaler_;
    capture::AvFrame frame_{av_frame_alloc()};
    capture::AvPacket packet_{av_packet_alloc()};
    AVStream* stream_ = nullptr;  // owned by output_
    std::int64_t frame_ticks_ = 1;
    std::int64_t last_pts_ = -1;
};

}  // namespace caplamp::app
