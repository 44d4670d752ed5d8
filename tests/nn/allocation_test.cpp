// SPDX-License-Identifier: Apache-2.0
#include <dlfcn.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <new>

#include "nn/executable.hpp"
#include "nn/random_weights.hpp"
#include "nn/reparameterise.hpp"
#include "small_table.hpp"

// Counts what goes through operator new, and for the C library's malloc through a hook of its own
// where no sanitizer has taken it over. Allocations made inside oneDNN are kept apart: it books
// the arguments of every call in a small map, which we cannot change and which must stay small.
namespace {

struct Count {
    std::atomic<bool> on{false};
    std::atomic<long> ours{0};
    std::atomic<long> library{0};
    std::atomic<std::size_t> largest_of_library{0};
    std::atomic<long> still_allocated{0};
};
Count count;

bool is_from_onednn(void* caller) {
    Dl_info info{};
    if (dladdr(caller, &info) == 0 || info.dli_fname == nullptr) return false;
    return std::strstr(info.dli_fname, "libdnnl") != nullptr;
}

bool note(std::size_t bytes, void* caller) {
    if (!count.on.exchange(false)) return false;  // off while looking up the caller
    if (is_from_onednn(caller)) {
        ++count.library;
        if (bytes > count.largest_of_library) count.largest_of_library = bytes;
    } else {
        ++count.ours;
    }
    count.on = true;
    return true;
}

void* allocate(std::size_t bytes, std::size_t alignment, void* caller) {
    if (note(bytes, caller)) ++count.still_allocated;
    const std::size_t rounded = (bytes + alignment - 1) / alignment * alignment;
    return std::aligned_alloc(alignment, rounded == 0 ? alignment : rounded);
}

void* checked(void* block) {
    if (block == nullptr) throw std::bad_alloc();
    return block;
}

void release(void* block) {
    if (block != nullptr && count.on) --count.still_allocated;
    std::free(block);
}

constexpr std::size_t usual = alignof(std::max_align_t);

}  // namespace

void* operator new(std::size_t bytes) {
    return checked(allocate(bytes, usual, __builtin_return_address(0)));
}
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept {
    return allocate(bytes, usual, __builtin_return_address(0));
}
void* operator new(std::size_t bytes, std::align_val_t alignment) {
    return checked(
        allocate(bytes, static_cast<std::size_t>(alignment), __builtin_return_address(0)));
}
void operator delete(void* block) noexcept { release(block); }
void operator delete(void* block, std::size_t) noexcept { release(block); }
void operator delete(void* block, std::align_val_t) noexcept { release(block); }
void operator delete(void* block, std::size_t, std::align_val_t) noexcept { release(block); }

#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
extern "C" {
void* __libc_malloc(std::size_t bytes);
void* __libc_memalign(std::size_t alignment, std::size_t bytes);

void* malloc(std::size_t bytes) {
    note(bytes, __builtin_return_address(0));
    return __libc_malloc(bytes);
}

int posix_memalign(void** block, std::size_t alignment, std::size_t bytes) {
    note(bytes, __builtin_return_address(0));
    *block = __libc_memalign(alignment, bytes);
    return *block == nullptr ? ENOMEM : 0;
}
}
#endif

namespace caplamp::nn {
namespace {

/// Frames after the first two, in which libraries may set up what they keep.
void run_counted(const std::string& kernel) {
    const Graph training = build_graph(small_table());
    const Model model = reparameterise(training, random_weights(training, 1));
    for (const bool fused : {true, false}) {
        Executable executable(fused ? model.graph : training,
                              fused ? model.weights : random_weights(training, 1),
                              {.input = {3, 40, 56}, .kernel = kernel});
        executable.run();
        executable.run();
        count.ours = count.library = count.still_allocated = 0;
        count.on = true;
        for (int frame = 0; frame < 3; ++frame) executable.run();
        count.on = false;
        EXPECT_EQ(count.ours, 0) << "fused: " << fused;
        EXPECT_EQ(count.still_allocated, 0);
        EXPECT_LE(count.largest_of_library, 1024U);
    }
}

TEST(Allocation, TheCounterCounts) {
    count.ours = 0;
    count.on = true;
    delete new std::vector<int>(100);
    count.on = false;
    EXPECT_GE(count.ours, 1);
}

TEST(Allocation, RunningTheReferenceKernelsAllocatesNothing) {
    run_counted("reference");
    EXPECT_EQ(count.library, 0);
}

TEST(Allocation, RunningTheBestKernelsAllocatesNothingOfOurs) { run_counted(""); }

}  // namespace
}  // namespace caplamp::nn
