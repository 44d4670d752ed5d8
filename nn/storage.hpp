// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

#include "nn/lowering.hpp"

namespace caplamp::nn {

/// Where a value lives: in another value's memory, from that channel on, or in its own.
struct Place {
    int root = 0;
    int channel = 0;
};

/// Lets values share memory, so that concatenation and slicing move nothing and element-wise steps
/// run in place, wherever whole blocks of channels allow it; then takes out the copies that have
/// become needless.
std::vector<Place> share_memory(Program& program);

/// Offsets in bytes, for each value that is its own root, into one block of memory; values whose
/// lives do not overlap share it. What the caller fills lives always, what they read to the end.
struct MemoryPlan {
    std::vector<std::size_t> offset;  // by value; meaningless for values nobody uses
    std::size_t bytes = 0;
};

MemoryPlan plan_memory(const Program& program, const std::vector<Place>& places);

}  // namespace caplamp::nn
