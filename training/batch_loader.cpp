// SPDX-License-Identifier: Apache-2.0
#include "training/batch_loader.hpp"

#include <algorithm>
#include <utility>

namespace caplamp::training {

BatchLoader::BatchLoader(Make make, std::uint64_t begin, std::uint64_t end, std::size_t ahead)
    : make_(std::move(make)),
      step_(begin),
      end_(end),
      ahead_(std::max<std::size_t>(1, ahead)),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

BatchLoader::~BatchLoader() = default;

std::optional<Batch> BatchLoader::next() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !ready_.empty() || finished_; });
    if (ready_.empty()) {
        if (failure_) std::rethrow_exception(failure_);
        return std::nullopt;
    }
    Batch batch = std::move(ready_.front());
    ready_.pop_front();
    changed_.notify_all();
    return batch;
}

void BatchLoader::run(const std::stop_token& stop) {
    std::exception_ptr failure;
    try {
        while (step_ < end_ && !stop.stop_requested()) {
            Batch batch = make_(step_++);
            std::unique_lock lock(mutex_);
            changed_.wait(lock, stop, [this] { return ready_.size() < ahead_; });
            if (stop.stop_requested()) break;
            ready_.push_back(std::move(batch));
            changed_.notify_all();
        }
    } catch (...) {
        failure = std::current_exception();
    }
    const std::lock_guard lock(mutex_);
    failure_ = failure;
    finished_ = true;
    changed_.notify_all();
}

}  // namespace caplamp::training
