// SPDX-License-Identifier: Apache-2.0
#pragma once

// From the OpenMP runtime, whose header clang does not bring along. Both act on the calling thread.
extern "C" {
int omp_get_max_threads(void);
void omp_set_num_threads(int count);
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

}  // namespace caplamp::nn
