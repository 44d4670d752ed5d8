// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <opencv2/core/mat.hpp>

#include "core/detection.hpp"
#include "core/tensor.hpp"

namespace caplamp::capture {

/// How a picture sits in the network's input: scaled by one factor for both axes, centred, the
/// rest grey. Pixels of the picture times `scale` plus (left, top) are pixels of the input.
struct LetterboxGeometry {
    int picture_width = 0;
    int picture_height = 0;
    int width = 0;  // of the whole input
    int height = 0;
    int inner_width = 0;  // of the scaled picture within it
    int inner_height = 0;
    int left = 0;
    int top = 0;
    double scale = 1;

    Shape input_shape() const { return {3, height, width}; }
    /// Picture to input and back; the way back clips to the picture.
    Box to_input(const Box& box) const;
    Box to_picture(const Box& box) const;
};

/// The rectangular letterbox of Ultralytics: the long side becomes `size`, the short side the next
/// multiple of `multiple` that holds the picture. `size` must be a multiple of it.
LetterboxGeometry letterbox_geometry(int width, int height, int size, int multiple = 32);

/// Writes pictures into the network's input: 8-bit BGR to RGB planes of 0..1, the border 114/255.
/// Keeps its scratch picture, so a steady size allocates nothing. One thread at a time.
class Letterbox {
public:
    /// `bgr` must be CV_8UC3 of the geometry's picture size, `into` of its input shape.
    void run(const cv::Mat& bgr, const LetterboxGeometry& geometry, MutableTensorView into);

private:
    cv::Mat scaled_;
};

}  // namespace caplamp::capture
