// SPDX-License-Identifier: Apache-2.0
#include "capture/video_source.hpp"

#include <algorithm>
#include <cmath>
#include <sstream>
#include <thread>
#include <utility>

#include "core/error.hpp"

extern "C" {
#include <libavdevice/avdevice.h>
}

namespace caplamp::capture {
namespace {

using std::chrono::steady_clock;

std::string seconds_text(std::chrono::milliseconds time) {
    std::ostringstream text;
    text << std::chrono::duration<double>(time).count() << " s";
    return text.str();
}

void set_options(const CaptureConfig& config, SourceKind kind, AvOptions& options) {
    if (kind == SourceKind::video_file) {
        // A playlist in disguise must not make us fetch from the network.
        options.set("protocol_whitelist", "file");
        return;
    }
    if (kind == SourceKind::device) return;
    options.set("protocol_whitelist", "rtsp,rtsps,rtp,udp,tcp,tls,http,https,httpproxy,crypto");
    options.set("rtsp_transport", config.rtsp_transport);
    // No socket timeout: Watch bounds every wait, whatever the protocol.
    options.set("analyzeduration", "2000000");
}

double in_seconds(std::int64_t time, AVRational base) {
    return static_cast<double>(time) * av_q2d(base);
}

}  // namespace

void Watch::start(std::chrono::milliseconds patience, std::stop_token stop) {
    end_ = steady_clock::now() + patience;
    stop_ = std::move(stop);
}

int Watch::expired(void* watch) {
    auto* self = static_cast<Watch*>(watch);
    if (self->stopped()) return 1;
    if (!self->late()) return 0;
    self->ended_a_call_ = true;
    return 1;
}

VideoSource::VideoSource(const CaptureConfig& config, SourceKind kind, const std::stop_token& stop)
    : config_(config), kind_(kind) {
    av_log_set_level(AV_LOG_QUIET);  // libraries do not print; errors come back as values
    info_.name = name_without_secrets(config.source);
    open_input(stop);
    open_decoder();
    describe();
}

void VideoSource::open_input(const std::stop_token& stop) {
    watch_.start(config_.open_deadline, stop);
    AVFormatContext* context = avformat_alloc_context();
    context->interrupt_callback = {&Watch::expired, &watch_};
    AvOptions options;
    set_options(config_, kind_, options);
    const AVInputFormat* format = nullptr;
    if (kind_ == SourceKind::device) {
        avdevice_register_all();
        format = av_find_input_format("v4l2");
        context->flags |= AVFMT_FLAG_NONBLOCK;  // the driver's wait knows no deadline
    }
    const std::string prefix = kind_ == SourceKind::video_file ? "file:" : "";
    const std::string address = prefix + config_.source;
    const int opened = avformat_open_input(&context, address.c_str(), format, options.get());
    input_.reset(context);  // null after a failure
    const int code = opened < 0 ? opened : avformat_find_stream_info(context, nullptr);
    if (code >= 0 && !Watch::expired(&watch_)) return;
    if (watch_.stopped()) fail("interrupted");
    if (watch_.late() && kind_ != SourceKind::video_file) {
        fail("no answer within " + seconds_text(config_.open_deadline));
    }
    if (code < 0) fail("cannot be opened as a video: " + av_error_text(code));
}

void VideoSource::open_decoder() {
    const AVCodec* codec = nullptr;
    stream_ = av_find_best_stream(input_.get(), AVMEDIA_TYPE_VIDEO, -1, -1, &codec, 0);
    if (stream_ == AVERROR_DECODER_NOT_FOUND) fail("no decoder for its video");
    if (stream_ < 0) fail("holds no video");
    const AVStream* stream = input_->streams[stream_];
    decoder_.reset(avcodec_alloc_context3(codec));
    decoder_->pkt_timebase = stream->time_base;
    decoder_->thread_count = config_.decode_threads;
    if (kind_ != SourceKind::video_file) decoder_->flags |= AV_CODEC_FLAG_LOW_DELAY;
    int code = avcodec_parameters_to_context(decoder_.get(), stream->codecpar);
    if (code >= 0) code = avcodec_open2(decoder_.get(), codec, nullptr);
    if (code < 0) fail("its video cannot be decoded: " + av_error_text(code));
    const AVCodecDescriptor* about = avcodec_descriptor_get(codec->id);
    one_picture_a_packet_ = about != nullptr && (about->props & AV_CODEC_PROP_INTRA_ONLY) != 0;
}

void VideoSource::describe() {
    const AVStream* stream = input_->streams[stream_];
    const bool endless = input_->duration == AV_NOPTS_VALUE;
    info_.live = kind_ == SourceKind::device || (kind_ == SourceKind::stream && endless);
    const AVRational rate = av_guess_frame_rate(input_.get(), input_->streams[stream_], nullptr);
    info_.frames_per_second = rate.num > 0 && rate.den > 0 ? av_q2d(rate) : 0;
    if (info_.live) return;
    info_.frames = static_cast<std::uint64_t>(std::max<std::int64_t>(0, stream->nb_frames));
    if (info_.frames == 0 && !endless) {
        const double seconds = in_seconds(input_->duration, {1, AV_TIME_BASE});
        info_.frames = static_cast<std::uint64_t>(std::llround(seconds * info_.frames_per_second));
    }
}

std::optional<Captured> VideoSource::next(const std::stop_token& stop) {
    // After a silence libav's parser still gives the picture it held back; then it is over.
    if (info_.live && watch_.ended_a_call()) end_of_packets(AVERROR_EXIT);
    watch_.start(config_.read_deadline, stop);
    while (!stop.stop_requested()) {
        const int code = avcodec_receive_frame(decoder_.get(), frame_.get());
        if (code == AVERROR_EOF) {
            check_complete();
            return std::nullopt;
        }
        const bool due = std::exchange(picture_due_, false);
        if (code == 0) {
            if (auto taken = take_frame()) return taken;
        } else if (code != AVERROR(EAGAIN)) {
            return lose(av_error_text(code));
        } else if (due) {
            return lose("the picture is damaged");
        } else if (const Feed result = feed(); result == Feed::stopped) {
            return std::nullopt;
        } else if (result == Feed::lost) {
            return lose("a packet cannot be decoded");
        }
    }
    return std::nullopt;
}

VideoSource::Feed VideoSource::feed() {
    const int read = read_packet();
    if (watch_.stopped()) return Feed::stopped;
    if (read < 0) {
        end_of_packets(read);
        return Feed::fed;
    }
    const int sent = avcodec_send_packet(decoder_.get(), packet_.get());
    // Decoders of single pictures drop some damaged ones without a word.
    picture_due_ = sent == 0 && one_picture_a_packet_ && packet_->size > 0;
    av_packet_unref(packet_.get());
    return sent == 0 || sent == AVERROR(EAGAIN) ? Feed::fed : Feed::lost;
}

/// The next packet of the video stream in packet_, or libav's error.
int VideoSource::read_packet() {
    while (true) {
        const int code = av_read_frame(input_.get(), packet_.get());
        if (code == AVERROR(EAGAIN) && !Watch::expired(&watch_)) {
            std::this_thread::sleep_for(std::chrono::milliseconds(2));  // a device without a frame
            continue;
        }
        if (code < 0) return code;
        note_end_of(*packet_);
        if (packet_->stream_index == stream_) break;
        av_packet_unref(packet_.get());
        if (Watch::expired(&watch_)) return AVERROR_EXIT;
    }
    ++packets_;
    last_packet_damaged_ = (packet_->flags & AV_PKT_FLAG_CORRUPT) != 0;
    return 0;
}

/// Sound and subtitles count too: a file lasts as long as its longest stream.
void VideoSource::note_end_of(const AVPacket& packet) {
    const std::int64_t start = packet.pts != AV_NOPTS_VALUE ? packet.pts : packet.dts;
    if (start == AV_NOPTS_VALUE) return;
    const AVRational base = input_->streams[packet.stream_index]->time_base;
    packets_end_ = std::max(packets_end_, in_seconds(start + packet.duration, base));
}

/// Tells the decoder to hand out what it still holds; a live source has nothing worth waiting for.
void VideoSource::end_of_packets(int code) {
    if (info_.live) {
        if (watch_.ended_a_call()) fail("no frame for " + seconds_text(config_.read_deadline));
        fail("the stream ended: " + av_error_text(code));
    }
    if (code != AVERROR_EOF) {
        broken_ = watch_.ended_a_call() && kind_ == SourceKind::stream
                      ? "no data for " + seconds_text(config_.read_deadline)
                      : av_error_text(code);
    }
    avcodec_send_packet(decoder_.get(), nullptr);
}

std::optional<Captured> VideoSource::take_frame() {
    if (info_.live && !keyframe_seen_) {
        // Before its first key frame a joined stream shows grey smears. Some cameras never send
        // one (intra refresh): then the wait is bounded by the deadline.
        keyframe_seen_ = frame_->key_frame != 0 || watch_.late();
        if (!keyframe_seen_) return std::nullopt;
    }
    const bool damaged =
        frame_->decode_error_flags != 0 || (frame_->flags & AV_FRAME_FLAG_CORRUPT) != 0;
    if (damaged) return lose("the picture is damaged");
    if (frame_->width <= 0 || frame_->height <= 0) return lose("the picture is empty");
    Frame result{.camera = info_.name,
                 .sequence = sequence_,
                 .media_time = media_time(),
                 .captured = steady_clock::now(),
                 .image = pool_.take({frame_->width, frame_->height})};
    converter_.convert(*frame_, result.image);
    ++sequence_;
    return result;
}

LostFrame VideoSource::lose(const std::string& why) {
    const double rate = info_.frames_per_second;
    const double seconds = rate > 0 ? static_cast<double>(sequence_) / rate : packets_end_;
    return {.camera = info_.name,
            .sequence = sequence_++,
            .media_time = std::chrono::duration<double>(seconds),
            .why = why};
}

std::chrono::duration<double> VideoSource::media_time() {
    const AVStream* stream = input_->streams[stream_];
    const std::int64_t time = frame_->best_effort_timestamp;
    if (time != AV_NOPTS_VALUE) {
        const std::int64_t start = stream->start_time != AV_NOPTS_VALUE ? stream->start_time : 0;
        return std::chrono::duration<double>(in_seconds(time - start, stream->time_base));
    }
    const double rate = info_.frames_per_second > 0 ? info_.frames_per_second : 25;
    return std::chrono::duration<double>(static_cast<double>(sequence_) / rate);
}

/// Throws Error when the file promised clearly more than it held. Headers are often off by a
/// frame or two, so 1 % and two frames (one second where only a duration is known) are forgiven.
void VideoSource::check_complete() const {
    const AVStream* stream = input_->streams[stream_];
    std::string why = broken_;
    if (why.empty() && last_packet_damaged_) why = "the file is cut short";
    if (why.empty() && stream->nb_frames > 0) {
        const auto promised = static_cast<double>(stream->nb_frames);
        const auto missing = promised - static_cast<double>(packets_);
        if (missing > std::max(2.0, 0.01 * promised)) why = "the file is cut short";
    } else if (why.empty() && input_->duration > 0 &&
               input_->duration_estimation_method != AVFMT_DURATION_FROM_BITRATE) {
        const AVRational microseconds{1, AV_TIME_BASE};
        const std::int64_t start = input_->start_time != AV_NOPTS_VALUE ? input_->start_time : 0;
        const double promised = in_seconds(input_->duration, microseconds);
        const double missing = promised - (packets_end_ - in_seconds(start, microseconds));
        if (missing > std::max(1.0, 0.01 * promised)) why = "the file is cut short";
    }
    if (!why.empty()) fail(why);
    if (sequence_ == 0) fail("holds no frame");
}

void VideoSource::fail(const std::string& why) const {
    std::string where = info_.name + ": ";
    if (sequence_ > 0) {
        where += "stopped after frame " + std::to_string(sequence_);
        if (info_.frames > 0) where += " of " + std::to_string(info_.frames);
        where += ": ";
    }
    throw Error(where + why);
}

}  // namespace caplamp::capture
