// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/tensor.hpp"

namespace caplamp::transport {

/// Quantised feature maps, one byte a number. Above the first row and left of the first column
/// stand zeros, so that every code has neighbours to be predicted from.
class CodePlanes {
public:
    /// Makes room; codes of an earlier tensor are gone.
    void reset(Shape shape) {
        shape_ = shape;
        stride_ = static_cast<std::size_t>(shape.width) + 1;
        plane_ = stride_ * (static_cast<std::size_t>(shape.height) + 1);
        codes_.assign(plane_ * static_cast<std::size_t>(shape.channels), 0);
    }
    Shape shape() const { return shape_; }
    /// From one row's first code to the next one's.
    std::size_t stride() const { return stride_; }
    /// From one channel's first code to the next one's.
    std::size_t plane() const { return plane_; }

    /// The first code of a row; [-1] and [-stride()] may be read too.
    std::uint8_t* row(int channel, int y) { return codes_.data() + offset(channel, y); }
    const std::uint8_t* row(int channel, int y) const { return codes_.data() + offset(channel, y); }

private:
    std::size_t offset(int channel, int y) const {
        return static_cast<std::size_t>(channel) * plane_ +
               (static_cast<std::size_t>(y) + 1) * stride_ + 1;
    }

    Shape shape_;
    std::size_t stride_ = 0;
    std::size_t plane_ = 0;
    std::vector<std::uint8_t> codes_;
};

}  // namespace caplamp::transport
