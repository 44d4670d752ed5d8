// SPDX-License-Identifier: Apache-2.0
#include "capture/letterbox.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <opencv2/imgproc.hpp>

namespace caplamp::capture {
namespace {

constexpr float border = 114.0F / 255.0F;

/// Rounds half to even, like Python, whose letterbox this one repeats.
int scaled_side(int side, double scale) {
    return std::max(1, static_cast<int>(std::lrint(side * scale)));
}

int rounded_up(int side, int multiple) { return (side + multiple - 1) / multiple * multiple; }

/// One row of interleaved BGR bytes to three rows of floats. Plain, so that compilers turn it
/// into shuffles.
void split_row(const std::uint8_t* __restrict bgr, std::size_t count, float* __restrict red,
               float* __restrict green, float* __restrict blue) {
    constexpr float unit = 1.0F / 255.0F;
    for (std::size_t x = 0; x < count; ++x) {
        blue[x] = static_cast<float>(bgr[3 * x]) * unit;
        green[x] = static_cast<float>(bgr[3 * x + 1]) * unit;
        red[x] = static_cast<float>(bgr[3 * x + 2]) * unit;
    }
}

/// Everything of the plane but the inner rectangle. The input is written anew for every frame,
/// because an executable may keep other values there between two runs.
void fill_border(std::span<float> plane, const LetterboxGeometry& g) {
    const auto row = [&](int y) {
        return plane.begin() + static_cast<std::ptrdiff_t>(y) * g.width;
    };
    std::fill(row(0), row(g.top), border);
    std::fill(row(g.top + g.inner_height), plane.end(), border);
    if (g.inner_width == g.width) return;
    for (int y = g.top; y < g.top + g.inner_height; ++y) {
        std::fill(row(y), row(y) + g.left, border);
        std::fill(row(y) + g.left + g.inner_width, row(y) + g.width, border);
    }
}

}  // namespace

Box LetterboxGeometry::to_input(const Box& box) const {
    const auto factor = static_cast<float>(scale);
    return {box.x * factor + static_cast<float>(left), box.y * factor + static_cast<float>(top),
            box.width * factor, box.height * factor};
}

Box LetterboxGeometry::to_picture(const Box& box) const {
    const auto clipped = [this](double edge, int offset, int limit) {
        return static_cast<float>(
            std::clamp((edge - offset) / scale, 0.0, static_cast<double>(limit)));
    };
    const float x1 = clipped(box.x, left, picture_width);
    const float y1 = clipped(box.y, top, picture_height);
    const float x2 = clipped(box.right(), left, picture_width);
    const float y2 = clipped(box.bottom(), top, picture_height);
    return {x1, y1, x2 - x1, y2 - y1};
}

LetterboxGeometry letterbox_geometry(int width, int height, int size, int multiple) {
    assert(width > 0 && height > 0 && size > 0 && size % multiple == 0);
    LetterboxGeometry g{.picture_width = width, .picture_height = height};
    g.scale = static_cast<double>(size) / std::max(width, height);
    g.inner_width = scaled_side(width, g.scale);
    g.inner_height = scaled_side(height, g.scale);
    g.width = rounded_up(g.inner_width, multiple);
    g.height = rounded_up(g.inner_height, multiple);
    // An odd rest goes right and below, as Ultralytics' round(d / 2 - 0.1) has it.
    g.left = (g.width - g.inner_width) / 2;
    g.top = (g.height - g.inner_height) / 2;
    return g;
}

void Letterbox::run(const cv::Mat& bgr, const LetterboxGeometry& g, MutableTensorView into) {
    assert(bgr.type() == CV_8UC3 && into.shape() == g.input_shape());
    assert(bgr.cols == g.picture_width && bgr.rows == g.picture_height);
    const cv::Size inner(g.inner_width, g.inner_height);
    const bool same_size = bgr.size() == inner;
    if (!same_size) cv::resize(bgr, scaled_, inner, 0, 0, cv::INTER_LINEAR);
    const cv::Mat& picture = same_size ? bgr : scaled_;
    for (int c = 0; c < 3; ++c) fill_border(into.channel(c), g);
    for (int y = 0; y < g.inner_height; ++y) {
        const int row = g.top + y;
        split_row(picture.ptr<std::uint8_t>(y), static_cast<std::size_t>(g.inner_width),
                  &into.at(0, row, g.left), &into.at(1, row, g.left), &into.at(2, row, g.left));
    }
}

}  // namespace caplamp::capture
