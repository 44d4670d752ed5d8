// SPDX-License-Identifier: Apache-2.0
#include "app/frame_feed.hpp"

#include <utility>

namespace caplamp::app {

using Clock = std::chrono::steady_clock;

FrameFeed::FrameFeed(capture::Source& source, const FrameFeedConfig& config,
                     const std::stop_token& stop)
    : source_(source),
      config_(config),
      forward_stop_(stop, [this] { stop_.request_stop(); }),
      queue_(config.read_ahead),
      reader_([this] { read_all(); }) {}

std::optional<ReadFrame> FrameFeed::take() {
    if (!config_.keep_newest) return queue_.pop(stop_.get_token());
    auto read = newest_.take(stop_.get_token());
    // Once stopped, the reader may still be writing its failure.
    if (!read && !stop_.stop_requested() && newest_failure_) {
        std::rethrow_exception(newest_failure_);
    }
    return read;
}

void FrameFeed::read_all() {
    std::exception_ptr failure;
    try {
        read_frames();
    } catch (...) {
        failure = std::current_exception();
    }
    newest_failure_ = failure;
    newest_.close();
    queue_.close(failure);
}

void FrameFeed::read_frames() {
    const std::stop_token stop = stop_.get_token();
    while (true) {
        const auto begin = Clock::now();
        auto captured = source_.next(stop);
        if (!captured) return;
        ReadFrame read{std::move(*captured), Clock::now() - begin};
        if (!config_.keep_newest) {
            if (!queue_.push(std::move(read), stop)) return;
        } else if (newest_.put(std::move(read))) {
            ++dropped_;
        }
    }
}

}  // namespace caplamp::app
