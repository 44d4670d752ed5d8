// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <thread>
#include <vector>

namespace caplamp::training {

/// Calls work(i) once for every i below count, on `threads` threads (0: one per core), and waits.
/// `work` must not throw.
template <class Work>
void for_each_in_parallel(std::size_t count, int threads, const Work& work) {
    const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
    const std::size_t wanted = threads > 0 ? static_cast<std::size_t>(threads) : cores;
    std::atomic<std::size_t> next{0};
    std::vector<std::jthread> pool;
    for (std::size_t t = 0; t < std::min(wanted, count); ++t)
        pool.emplace_back([&] {
            for (std::size_t i = next++; i < count; i = next++) work(i);
        });
}

}  // namespace caplamp::training
