// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "training/torch.hpp"

namespace caplamp::training {

/// A box by two corners, in pixels.
struct Corners {
    float x1 = 0;
    float y1 = 0;
    float x2 = 0;
    float y2 = 0;
};

/// One place of the head's maps: its centre and its stride in pixels.
struct Cell {
    float x = 0;
    float y = 0;
    float stride = 0;
};

/// Complete IoU (Zheng et al. 2020, eqs 8-11) of two boxes; below 0 for boxes far apart.
float complete_iou(const Corners& a, const Corners& b);

/// The same row by row for tensors [P, 4] of corners; differentiable in `predicted`. The trade-off
/// factor of the aspect term, which `aspect_tradeoff` gives, counts as constant (their eq. 11).
torch::Tensor complete_iou(const torch::Tensor& predicted, const torch::Tensor& target);
torch::Tensor complete_iou(const torch::Tensor& predicted, const torch::Tensor& target,
                           const torch::Tensor& tradeoff);
torch::Tensor aspect_tradeoff(const torch::Tensor& predicted, const torch::Tensor& target);

/// The cells of all maps, one after the other, row by row. `sides` are {rows, columns} per map.
struct MapSides {
    std::int64_t rows = 0;
    std::int64_t columns = 0;
};
std::vector<Cell> cells_of(const std::vector<MapSides>& sides, const std::vector<int>& strides);

/// Distribution focal bins [P, 4 * bins] to distances left, top, right, bottom in strides [P, 4]:
/// the mean bin of each softmax (Li et al. 2020).
torch::Tensor expected_distances(const torch::Tensor& bins);

/// Corners [P, 4] in pixels of distances [P, 4] from cells [P, 3] (x, y, stride).
torch::Tensor corners_of(const torch::Tensor& distances, const torch::Tensor& cells);

}  // namespace caplamp::training
