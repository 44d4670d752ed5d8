// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <vector>

namespace caplamp {

/// A box in pixels: left, top, width, height. Edges are continuous coordinates, so a box that
/// covers the whole of a WxH picture is {0, 0, W, H} (the COCO convention).
struct Box {
    float x = 0;
    float y = 0;
    float width = 0;
    float height = 0;

    float right() const { return x + width; }
    float bottom() const { return y + height; }
    float area() const { return width * height; }
    bool operator==(const Box&) const = default;
};

/// Intersection over union; 0 when either box is empty.
inline float iou(const Box& a, const Box& b) {
    const float w = std::min(a.right(), b.right()) - std::max(a.x, b.x);
    const float h = std::min(a.bottom(), b.bottom()) - std::max(a.y, b.y);
    if (w <= 0 || h <= 0) return 0;
    const float shared = w * h;
    return shared / (a.area() + b.area() - shared);
}

/// One thing found in one picture. `class_id` counts into the model's class names.
struct Detection {
    int class_id = 0;
    float score = 0;
    Box box;
    bool operator==(const Detection&) const = default;
};

using Detections = std::vector<Detection>;

}  // namespace caplamp
