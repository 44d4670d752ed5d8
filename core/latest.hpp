// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <stop_token>
#include <utility>

namespace caplamp {

/// Hands the newest value to one reader and forgets the older ones. Safe between two threads.
template <class T>
class Latest {
public:
    /// True when an unread value was replaced, that is, dropped.
    bool put(T value) {
        bool replaced = false;
        {
            const std::lock_guard lock(mutex_);
            replaced = value_.has_value();
            value_ = std::move(value);
        }
        ready_.notify_one();
        return replaced;
    }

    /// No more values will come; an unread one is still handed out.
    void close() {
        {
            const std::lock_guard lock(mutex_);
            closed_ = true;
        }
        ready_.notify_all();
    }

    /// Waits for a value; nothing once stop is asked for, or closed and empty.
    std::optional<T> take(const std::stop_token& stop) {
        std::unique_lock lock(mutex_);
        ready_.wait(lock, stop, [this] { return value_.has_value() || closed_; });
        if (stop.stop_requested()) return std::nullopt;
        return std::exchange(value_, std::nullopt);
    }

private:
    std::mutex mutex_;
    std::condition_variable_any ready_;
    std::optional<T> value_;
    bool closed_ = false;
};

}  // namespace caplamp
