// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <opencv2/core/mat.hpp>

#include "capture/av.hpp"

namespace caplamp::capture {

/// Turns decoded frames of any pixel format into 8-bit BGR of the same size. Keeps its tables
/// while size and format stay. Throws Error for a format that swscale cannot read.
class PixelConverter {
public:
    /// `into` must be CV_8UC3 of the frame's size.
    void convert(const AVFrame& frame, cv::Mat& into);

private:
    void prepare(const AVFrame& frame);

    AvScaler scaler_;
    int width_ = 0;
    int height_ = 0;
    int format_ = -1;
    int colorspace_ = -1;
    int range_ = -1;
};

}  // namespace caplamp::capture
