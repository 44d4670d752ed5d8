// SPDX-License-Identifier: Apache-2.0
#include "training/box_geometry.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace caplamp::training {
namespace {

constexpr float epsilon = 1e-7F;
constexpr double four_over_pi_squared = 4.0 / (std::numbers::pi * std::numbers::pi);

float squared(float value) { return value * value; }

using Sides = std::vector<torch::Tensor>;  // x1, y1, x2, y2 of every box

torch::Tensor plain_iou(const Sides& a, const Sides& b) {
    const auto shared = (torch::minimum(a[2], b[2]) - torch::maximum(a[0], b[0])).clamp_min(0) *
                        (torch::minimum(a[3], b[3]) - torch::maximum(a[1], b[1])).clamp_min(0);
    const auto a_area = (a[2] - a[0]) * (a[3] - a[1] + epsilon);
    const auto b_area = (b[2] - b[0]) * (b[3] - b[1] + epsilon);
    return shared / (a_area + b_area - shared + epsilon);
}

torch::Tensor aspect_difference(const Sides& a, const Sides& b) {
    const auto a_angle = torch::atan((a[2] - a[0]) / (a[3] - a[1] + epsilon));
    const auto b_angle = torch::atan((b[2] - b[0]) / (b[3] - b[1] + epsilon));
    return four_over_pi_squared * (b_angle - a_angle).square();
}

}  // namespace

float complete_iou(const Corners& a, const Corners& b) {
    const float a_width = a.x2 - a.x1;
    const float a_height = a.y2 - a.y1 + epsilon;
    const float b_width = b.x2 - b.x1;
    const float b_height = b.y2 - b.y1 + epsilon;
    const float shared = std::max(0.0F, std::min(a.x2, b.x2) - std::max(a.x1, b.x1)) *
                         std::max(0.0F, std::min(a.y2, b.y2) - std::max(a.y1, b.y1));
    const float overlap = shared / (a_width * a_height + b_width * b_height - shared + epsilon);
    const float diagonal = squared(std::max(a.x2, b.x2) - std::min(a.x1, b.x1)) +
                           squared(std::max(a.y2, b.y2) - std::min(a.y1, b.y1)) + epsilon;
    const float apart =
        (squared(b.x1 + b.x2 - a.x1 - a.x2) + squared(b.y1 + b.y2 - a.y1 - a.y2)) / 4.0F;
    const float aspect = static_cast<float>(four_over_pi_squared) *
                         squared(std::atan(b_width / b_height) - std::atan(a_width / a_height));
    const float alpha = aspect / (aspect - overlap + (1 + epsilon));
    return overlap - (apart / diagonal + aspect * alpha);
}

torch::Tensor complete_iou(const torch::Tensor& predicted, const torch::Tensor& target) {
    return complete_iou(predicted, target, aspect_tradeoff(predicted, target));
}

torch::Tensor complete_iou(const torch::Tensor& predicted, const torch::Tensor& target,
                           const torch::Tensor& tradeoff) {
    const auto a = predicted.unbind(1);
    const auto b = target.unbind(1);
    const auto diagonal = (torch::maximum(a[2], b[2]) - torch::minimum(a[0], b[0])).square() +
                          (torch::maximum(a[3], b[3]) - torch::minimum(a[1], b[1])).square() +
                          epsilon;
    const auto apart =
        ((b[0] + b[2] - a[0] - a[2]).square() + (b[1] + b[3] - a[1] - a[3]).square()) / 4.0;
    return plain_iou(a, b) - (apart / diagonal + aspect_difference(a, b) * tradeoff);
}

torch::Tensor aspect_tradeoff(const torch::Tensor& predicted, const torch::Tensor& target) {
    const torch::NoGradGuard no_grad;
    const auto a = predicted.unbind(1);
    const auto b = target.unbind(1);
    const auto aspect = aspect_difference(a, b);
    return aspect / (aspect - plain_iou(a, b) + (1 + epsilon));
}

std::vector<Cell> cells_of(const std::vector<MapSides>& sides, const std::vector<int>& strides) {
    std::vector<Cell> cells;
    for (std::size_t i = 0; i < sides.size(); ++i) {
        const auto stride = static_cast<float>(strides[i]);
        for (std::int64_t row = 0; row < sides[i].rows; ++row) {
            for (std::int64_t column = 0; column < sides[i].columns; ++column) {
                cells.push_back({(static_cast<float>(column) + 0.5F) * stride,
                                 (static_cast<float>(row) + 0.5F) * stride, stride});
            }
        }
    }
    return cells;
}

torch::Tensor expected_distances(const torch::Tensor& bins) {
    const auto count = bins.size(-1) / 4;
    const auto shares = bins.reshape({-1, 4, count}).softmax(2);
    return shares.matmul(torch::arange(count, bins.options().requires_grad(false)));
}

torch::Tensor corners_of(const torch::Tensor& distances, const torch::Tensor& cells) {
    const auto centre = cells.narrow(1, 0, 2);
    const auto pixels = distances * cells.narrow(1, 2, 1);
    return torch::cat({centre - pixels.narrow(1, 0, 2), centre + pixels.narrow(1, 2, 2)}, 1);
}

}  // namespace caplamp::training
