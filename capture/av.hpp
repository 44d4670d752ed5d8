// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libswscale/swscale.h>
}

namespace caplamp::capture {

/// Owners of libav's objects; each closes what it holds.
struct AvDeleter {
    void operator()(AVFormatContext* input) const { avformat_close_input(&input); }
    void operator()(AVCodecContext* codec) const { avcodec_free_context(&codec); }
    void operator()(AVFrame* frame) const { av_frame_free(&frame); }
    void operator()(AVPacket* packet) const { av_packet_free(&packet); }
    void operator()(SwsContext* scaler) const { sws_freeContext(scaler); }
};
using AvInput = std::unique_ptr<AVFormatContext, AvDeleter>;
using AvCodec = std::unique_ptr<AVCodecContext, AvDeleter>;
using AvFrame = std::unique_ptr<AVFrame, AvDeleter>;
using AvPacket = std::unique_ptr<AVPacket, AvDeleter>;
using AvScaler = std::unique_ptr<SwsContext, AvDeleter>;

/// A dictionary of options for one call.
class AvOptions {
public:
    AvOptions() = default;
    AvOptions(const AvOptions&) = delete;
    AvOptions& operator=(const AvOptions&) = delete;
    ~AvOptions() { av_dict_free(&options_); }

    void set(const char* key, const std::string& value) {
        av_dict_set(&options_, key, value.c_str(), 0);
    }
    AVDictionary** get() { return &options_; }

private:
    AVDictionary* options_ = nullptr;
};

/// What libav means by an error code, in words.
std::string av_error_text(int code);

}  // namespace caplamp::capture
