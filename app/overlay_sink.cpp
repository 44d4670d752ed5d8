// SPDX-License-Identifier: Apache-2.0
#include "app/overlay_sink.hpp"

#include <utility>

namespace caplamp::app {
namespace {

// Where nothing but lost frames came, the overlay still says so.
const cv::Size fallback_size(640, 480);

}  // namespace

OverlaySink::OverlaySink(OverlaySinkConfig config) : config_(std::move(config)) {}

void OverlaySink::write(const FrameResult& result) {
    const double frames_per_second = speed();
    if (!overlay_) {
        const cv::Size size = result.image.empty() ? fallback_size : result.image.size();
        overlay_.emplace(config_.labels, size, config_.long_side);
        video_ = std::make_unique<VideoWriter>(config_.file, overlay_->size(),
                                               config_.frames_per_second);
    }
    video_->write(overlay_->draw(result, frames_per_second), result.media_time);
}

void OverlaySink::finish() {
    if (video_) video_->finish();
}

/// Frames per second of the whole run of late, as the one who waits sees it.
double OverlaySink::speed() {
    const auto now = std::chrono::steady_clock::now();
    const std::chrono::duration<double> passed = now - std::exchange(last_, now);
    if (!overlay_) return 0;
    constexpr double memory = 0.95;
    seconds_a_frame_ = seconds_a_frame_ == 0
                           ? passed.count()
                           : memory * seconds_a_frame_ + (1 - memory) * passed.count();
    return seconds_a_frame_ > 0 ? 1 / seconds_a_frame_ : 0;
}

}  // namespace caplamp::app
