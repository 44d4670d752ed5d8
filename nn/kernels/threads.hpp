// SPDX-License-Identifier: Apache-2.0
#pragma once

// The OpenMP runtime that oneDNN runs on, called as the compiler would call it: clang has neither
// its header nor this runtime for its own -fopenmp.
extern "C" {
int omp_get_max_threads(void);
void omp_set_num_threads(int count);
int omp_get_thread_num(void);
// NOLINTNEXTLINE(readability-identifier-naming): the runtime's name
void GOMP_parallel(void (*run)(void*), void* data, unsigned threads, unsigned flags);
}

namespace caplamp::nn {

/// While it lives, parallel regions begun by this thread use so many threads.
class ThreadCount {
public:
    explicit ThreadCount(int count) : before_(omp_get_max_threads()) { omp_set_num_threads(count); }
    ~ThreadCount() { omp_set_num_threads(before_); }
    ThreadCount(const ThreadCount&) = delete;
    ThreadCount& operator=(const ThreadCount&) = delete;

private:
    int before_;
};

/// Calls share(i) for each i below `threads`, each on its own thread of the pool; waits for all.
template <class Share>
void run_in_parallel(int threads, Share share) {
    if (threads == 1) return share(0);
    GOMP_parallel([](void* data) { (*static_cast<Share*>(data))(omp_get_thread_num()); }, &share,
                  static_cast<unsigned>(threads), 0);
}

}  // namespace caplamp::nn
