// SPDX-License-Identifier: Apache-2.0
#include "app/video_writer.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>

#include "core/error.hpp"

namespace caplamp::app {
namespace {

// Fine enough for any frame rate; MPEG-4 part 2 allows no finer base than 1/65535.
constexpr int ticks_per_second = 10000;

void close_output(AVFormatContext* output) {
    if (output == nullptr) return;
    if (output->pb != nullptr) avio_closep(&output->pb);
    avformat_free_context(output);
}

const AVCodec* best_encoder() {
    const AVCodec* h264 = avcodec_find_encoder_by_name("libx264");
    return h264 != nullptr ? h264 : avcodec_find_encoder(AV_CODEC_ID_MPEG4);
}

/// BT.709 from 720 lines on, BT.601 below: what players assume of a file that does not say.
bool is_high_definition(cv::Size size) { return size.height >= 720; }

}  // namespace

VideoWriter::VideoWriter(const std::filesystem::path& file, cv::Size size, double frames_per_second)
    : file_(file), output_(nullptr, &close_output) {
    assert(size.width % 2 == 0 && size.height % 2 == 0);
    av_log_set_level(AV_LOG_QUIET);
    AVFormatContext* context = nullptr;
    check(avformat_alloc_output_context2(&context, nullptr, "mp4", nullptr));
    output_.reset(context);
    open_encoder(size, std::clamp(frames_per_second, 0.1, 240.0));
    open_container();
    prepare_picture();
}

VideoWriter::~VideoWriter() = default;

void VideoWriter::open_encoder(cv::Size size, double frames_per_second) {
    const AVCodec* codec = best_encoder();
    if (codec == nullptr) file_.fail("libav has neither the x264 nor the MPEG-4 encoder");
    encoder_.reset(avcodec_alloc_context3(codec));
    encoder_->width = size.width;
    encoder_->height = size.height;
    encoder_->pix_fmt = AV_PIX_FMT_YUV420P;
    encoder_->time_base = {1, ticks_per_second};
    encoder_->framerate = av_d2q(frames_per_second, 1001000);
    encoder_->gop_size = std::max(1, static_cast<int>(std::lround(2 * frames_per_second)));
    encoder_->max_b_frames = 0;
    encoder_->thread_count = 1;  // the cores belong to the network
    encoder_->color_range = AVCOL_RANGE_MPEG;
    encoder_->colorspace = is_high_definition(size) ? AVCOL_SPC_BT709 : AVCOL_SPC_SMPTE170M;
    encoder_->color_primaries = is_high_definition(size) ? AVCOL_PRI_BT709 : AVCOL_PRI_SMPTE170M;
    encoder_->color_trc = is_high_definition(size) ? AVCOL_TRC_BT709 : AVCOL_TRC_SMPTE170M;
    if ((output_->oformat->flags & AVFMT_GLOBALHEADER) != 0) {
        encoder_->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    }
    capture::AvOptions options;
    if (codec->id == AV_CODEC_ID_H264) {
        options.set("preset", "veryfast");
        options.set("crf", "23");
        options.set("x264-params", "rc-lookahead=10");  // fewer pictures held in memory
    } else {
        encoder_->flags |= AV_CODEC_FLAG_QSCALE;
        encoder_->global_quality = 4 * FF_QP2LAMBDA;
    }
    check(avcodec_open2(encoder_.get(), codec, options.get()));
    frame_ticks_ = std::max<std::int64_t>(1, std::llround(ticks_per_second / frames_per_second));
}

void VideoWriter::open_container() {
    stream_ = avformat_new_stream(output_.get(), nullptr);
    if (stream_ == nullptr) file_.fail("out of memory");
    stream_->time_base = encoder_->time_base;
    stream_->avg_frame_rate = encoder_->framerate;
    check(avcodec_parameters_from_context(stream_->codecpar, encoder_.get()));
    // The same file that file_ holds open, so that its commit() syncs what libav wrote.
    check(avio_open(&output_->pb, ("file:" + file_.part().string()).c_str(), AVIO_FLAG_WRITE));
    check(avformat_write_header(output_.get(), nullptr));
}

void VideoWriter::prepare_picture() {
    const cv::Size size(encoder_->width, encoder_->height);
    frame_->format = encoder_->pix_fmt;
    frame_->width = size.width;
    frame_->height = size.height;
    check(av_frame_get_buffer(frame_.get(), 0));
    scaler_.reset(sws_getContext(size.width, size.height, AV_PIX_FMT_BGR24, size.width, size.height,
                                 encoder_->pix_fmt, SWS_BILINEAR, nullptr, nullptr, nullptr));
    if (!scaler_) file_.fail("its pictures cannot be converted");
    const int matrix = is_high_definition(size) ? SWS_CS_ITU709 : SWS_CS_ITU601;
    constexpr int unchanged = 1 << 16;
    sws_setColorspaceDetails(scaler_.get(), sws_getCoefficients(SWS_CS_DEFAULT), 1,
                             sws_getCoefficients(matrix), 0, 0, unchanged, unchanged);
}

void VideoWriter::write(const cv::Mat& bgr, std::chrono::duration<double> time) {
    assert(bgr.type() == CV_8UC3 && bgr.cols == frame_->width && bgr.rows == frame_->height);
    check(av_frame_make_writable(frame_.get()));
    const std::array<const std::uint8_t*, 4> planes{bgr.data, nullptr, nullptr, nullptr};
    const std::array<int, 4> steps{static_cast<int>(bgr.step[0]), 0, 0, 0};
    sws_scale(scaler_.get(), planes.data(), steps.data(), 0, bgr.rows, frame_->data,
              frame_->linesize);
    frame_->pts = std::max(
        last_pts_ + 1, static_cast<std::int64_t>(std::llround(time.count() * ticks_per_second)));
    last_pts_ = frame_->pts;
    encode(frame_.get());
}

void VideoWriter::encode(const AVFrame* frame) {
    check(avcodec_send_frame(encoder_.get(), frame));
    while (true) {
        const int code = avcodec_receive_packet(encoder_.get(), packet_.get());
        if (code == AVERROR(EAGAIN) || code == AVERROR_EOF) return;
        check(code);
        packet_->stream_index = stream_->index;
        packet_->duration = frame_ticks_;  // for the last one; others last until the next
        av_packet_rescale_ts(packet_.get(), encoder_->time_base, stream_->time_base);
        check(av_interleaved_write_frame(output_.get(), packet_.get()));
        check(output_->pb->error);  // a full disk shows here, not in the call
    }
}

void VideoWriter::finish() {
    encode(nullptr);
    check(av_write_trailer(output_.get()));
    check(output_->pb->error);
    check(avio_closep(&output_->pb));
    file_.commit();
}

void VideoWriter::check(int code) const {
    if (code < 0) file_.fail(capture::av_error_text(code));
}

}  // namespace caplamp::app
