// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <mutex>
#include <optional>
#include <stop_token>
#include <utility>

namespace caplamp::app {

/// Hands every value over in order; a full queue makes the writer wait. Safe between threads.
template <class T>
class BoundedQueue {
public:
    explicit BoundedQueue(std::size_t capacity) : capacity_(capacity) {}

    /// Waits for room; false (and the value is lost) once `stop` is asked for.
    bool push(T value, const std::stop_token& stop) {
        {
            std::unique_lock lock(mutex_);
            if (!room_.wait(lock, stop, [this] { return values_.size() < capacity_; }))
                return false;
            values_.push_back(std::move(value));
        }
        filled_.notify_one();
        return true;
    }

    /// No more values will come, because of `failure` if there is one.
    void close(std::exception_ptr failure = nullptr) {
        {
            const std::lock_guard lock(mutex_);
            closed_ = true;
            failure_ = std::move(failure);
        }
        filled_.notify_all();
    }

    /// Waits for a value; nothing once `stop` is asked for, or closed and empty. After the last
    /// value of a queue that was closed by a failure, throws that failure.
    std::optional<T> pop(const std::stop_token& stop) {
        std::optional<T> value;
        {
            std::unique_lock lock(mutex_);
            filled_.wait(lock, stop, [this] { return !values_.empty() || closed_; });
            if (stop.stop_requested()) return std::nullopt;
            if (values_.empty()) {
                if (failure_) std::rethrow_exception(failure_);
                return std::nullopt;
            }
            value = std::move(values_.front());
            values_.pop_front();
        }
        room_.notify_one();
        return value;
    }

private:
    std::size_t capacity_;
    std::mutex mutex_;
    std::condition_variable_any room_;
    std::condition_variable_any filled_;
    std::deque<T> values_;
    std::exception_ptr failure_;
    bool closed_ = false;
};

}  // namespace caplamp::app
