// SPDX-License-Identifier: Apache-2.0
#include "nn/kernels/layout.hpp"

namespace caplamp::nn {

std::string_view to_string(Layout layout) {
    switch (layout) {
        case Layout::blocked_8:
            return "nChw8c";
        case Layout::blocked_16:
            return "nChw16c";
        case Layout::plain:
            break;
    }
    return "nchw";
}

int block_of(Layout layout) {
    switch (layout) {
        case Layout::blocked_8:
            return 8;
        case Layout::blocked_16:
            return 16;
        case Layout::plain:
            break;
    }
    return 1;
}

int padded_channels(int channels, Layout layout) {
    const int block = block_of(layout);
    return (channels + block - 1) / block * block;
}

std::size_t floats_of(Shape shape, Layout layout) {
    return static_cast<std::size_t>(padded_channels(shape.channels, layout)) * shape.plane();
}

}  // namespace caplamp::nn
