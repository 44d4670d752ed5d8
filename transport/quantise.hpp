// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "core/tensor.hpp"
#include "transport/code_planes.hpp"

namespace caplamp::transport {

/// Code k of a channel stands for low + k * step.
struct ChannelRange {
    float low = 0;
    float step = 1;  // above 0
    bool operator==(const ChannelRange&) const = default;
};

/// Nearest codes, 0 to `levels` - 1 (at most 256); what lies outside a channel's range is clipped.
/// A range for each channel. False when a number is not finite: such features show nothing.
bool quantise(TensorView tensor, std::span<const ChannelRange> ranges, int levels,
              CodePlanes& into);

/// `into` has the shape of the codes.
void dequantise(const CodePlanes& codes, std::span<const ChannelRange> ranges,
                MutableTensorView into);

}  // namespace caplamp::transport
