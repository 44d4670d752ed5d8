// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>

#include "training/batch.hpp"

namespace caplamp::training {

/// Makes batches ahead of the training on a thread of its own, in order, so that augmentation and
/// network overlap. `make(step)` runs on that thread only.
class BatchLoader {
public:
    using Make = std::function<Batch(std::uint64_t step)>;

    /// Steps begin .. end-1; at most `ahead` finished batches wait.
    BatchLoader(Make make, std::uint64_t begin, std::uint64_t end, std::size_t ahead = 2);
    ~BatchLoader();  // waits for the batch in the making
    BatchLoader(const BatchLoader&) = delete;
    BatchLoader& operator=(const BatchLoader&) = delete;

    /// The next step's batch; nothing after the last. Rethrows what make() threw.
    std::optional<Batch> next();

private:
    void run(const std::stop_token& stop);

    Make make_;
    std::uint64_t step_;
    std::uint64_t end_;
    std::size_t ahead_;
    std::mutex mutex_;
    std::condition_variable_any changed_;
    std::deque<Batch> ready_;
    std::exception_ptr failure_;
    bool finished_ = false;
    std::jthread thread_;  // last: ends before what it uses
};

}  // namespace caplamp::training
