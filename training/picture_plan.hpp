// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace caplamp::training {

/// The value of whatever no picture covers, of 255; Ultralytics' letterbox has the same.
constexpr float fill_value = 114.0F / 255.0F;

/// Output coordinates to source coordinates: x = a*u + b*v + c, y = d*u + e*v + f. Both are
/// continuous: a picture covers 0..width, its first pixel's centre lies at 0.5.
struct Affine {
    double a = 1, b = 0, c = 0;
    double d = 0, e = 1, f = 0;

    Affine inverse() const;
};

/// What happens to the colours (0..1) of one tile after sampling, in this order.
struct ColourChange {
    int blur = 0;                                         // passes of the 3x3 binomial filter
    std::array<float, 9> mix{1, 0, 0, 0, 1, 0, 0, 0, 1};  // RGB to RGB: hue turned, or grey
    float saturation = 1;  // factor of each channel's distance to the largest one
    float gain = 1;
    float noise = 0;  // standard deviation
    std::uint32_t noise_seed = 0;

    bool operator==(const ColourChange&) const = default;
};

/// A rectangle of the output, its right and bottom one past the last pixel.
struct Area {
    int left = 0;
    int top = 0;
    int right = 0;
    int bottom = 0;
};

/// A rectangle of the output and the picture in it; fill_value where the picture ends.
struct Tile {
    std::uint32_t picture = 0;  // index into the cache
    Area area;
    Affine to_source;  // level 0 of the picture
    int level = 0;     // of the cached picture that is sampled
    ColourChange colour;
};

/// An object in output pixels.
struct PlannedBox {
    int class_id = 0;
    float x1 = 0, y1 = 0, x2 = 0, y2 = 0;
    float weight = 1;
};

/// One output picture: tiles that cover it without overlap, and what is to be learnt from it.
struct PicturePlan {
    std::vector<Tile> tiles;
    std::vector<PlannedBox> boxes;
    std::vector<std::uint8_t> labelled;  // [classes, size/8, size/8], 0 or 1
};

/// The stride of `labelled`, that of the finest scale of the head.
constexpr int label_stride = 8;

}  // namespace caplamp::training
