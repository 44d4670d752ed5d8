// SPDX-License-Identifier: Apache-2.0
#include "capture/live_source.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <random>
#include <utility>

#include "core/error.hpp"

namespace caplamp::capture {
namespace {

void wait(std::chrono::milliseconds time, const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any never;
    std::unique_lock lock(mutex);
    never.wait_for(lock, stop, time, [] { return false; });
}

/// Up to a quarter more, so that many terminals do not call a rebooted camera at the same instant.
std::chrono::milliseconds with_jitter(std::chrono::milliseconds pause) {
    std::random_device random;
    const auto quarter = static_cast<unsigned int>(pause.count() / 4 + 1);
    return pause + std::chrono::milliseconds(random() % quarter);
}

}  // namespace

LiveSource::LiveSource(std::unique_ptr<Source> first, Open reopen, const CaptureConfig& config)
    : camera_(std::move(first)),
      reopen_(std::move(reopen)),
      info_(camera_->info()),
      first_pause_(config.first_retry),
      longest_pause_(config.longest_retry),
      pause_(config.first_retry) {}

std::optional<Captured> LiveSource::next(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        if (!camera_) {
            try_again(stop);
            continue;
        }
        try {
            auto captured = camera_->next(stop);
            if (captured) return forward(std::move(*captured));
            if (!stop.stop_requested()) return outage(info_.name + ": the stream ended");
        } catch (const Error& e) {
            return outage(e.what());
        }
    }
    return std::nullopt;
}

std::optional<Captured> LiveSource::forward(Captured captured) {
    std::visit(
        [this](auto& frame) {
            frame.sequence = sequence_++;
            frame.media_time += offset_;
        },
        captured);
    if (std::holds_alternative<Frame>(captured)) pause_ = first_pause_;
    return captured;
}

LostFrame LiveSource::outage(const std::string& why) {
    camera_.reset();
    return {.camera = info_.name,
            .sequence = sequence_++,
            .media_time = std::chrono::steady_clock::now() - begun_,
            .why = why};
}

void LiveSource::try_again(const std::stop_token& stop) {
    wait(with_jitter(pause_), stop);
    pause_ = std::min(pause_ * 2, longest_pause_);
    if (stop.stop_requested()) return;
    try {
        camera_ = reopen_(stop);
        offset_ = std::chrono::steady_clock::now() - begun_;
    } catch (const Error&) {
        // Still away: that is what the next, longer pause is for.
    }
}

}  // namespace caplamp::capture
