// SPDX-License-Identifier: Apache-2.0
#include "training/detections.hpp"

#include "training/box_geometry.hpp"

namespace caplamp::training {
namespace {

torch::Tensor side_by_side_cells(const std::vector<torch::Tensor>& outputs, std::size_t first) {
    std::vector<torch::Tensor> maps;
    for (std::size_t i = first; i < outputs.size(); i += 2) {
        const torch::Tensor& map = outputs[i];
        maps.push_back(map.permute({0, 2, 3, 1}).reshape({map.size(0), -1, map.size(1)}));
    }
    return torch::cat(maps, 1).to(torch::kCPU, torch::kFloat32).contiguous();
}

std::vector<Cell> cells_of_outputs(const std::vector<torch::Tensor>& outputs,
                                   const std::vector<int>& strides) {
    std::vector<MapSides> sides;
    for (std::size_t i = 0; i < outputs.size(); i += 2) {
        sides.push_back({outputs[i].size(2), outputs[i].size(3)});
    }
    return cells_of(sides, strides);
}

Box box_at(const Cell& cell, const float* distances) {
    const float left = cell.x - distances[0] * cell.stride;
    const float top = cell.y - distances[1] * cell.stride;
    return {left, top, cell.x + distances[2] * cell.stride - left,
            cell.y + distances[3] * cell.stride - top};
}

}  // namespace

std::vector<Detections> detections_of(const std::vector<torch::Tensor>& outputs,
                                      const std::vector<int>& strides,
                                      const DetectionConfig& config) {
    const torch::NoGradGuard no_grad;
    const std::vector<Cell> cells = cells_of_outputs(outputs, strides);
    const torch::Tensor bins = side_by_side_cells(outputs, 0);
    const torch::Tensor scores = side_by_side_cells(outputs, 1).sigmoid_();
    const torch::Tensor distances = expected_distances(bins).contiguous();
    const auto classes = static_cast<std::size_t>(scores.size(2));
    std::vector<Detections> result;
    for (std::int64_t picture = 0; picture < scores.size(0); ++picture) {
        const auto first = static_cast<std::size_t>(picture) * cells.size();
        const float* score = scores.data_ptr<float>() + first * classes;
        const float* distance = distances.data_ptr<float>() + first * 4;
        Detections found;
        for (std::size_t i = 0; i < cells.size() * classes; ++i) {
            if (score[i] <= config.score) continue;
            const std::size_t cell = i / classes;
            found.push_back({static_cast<int>(i % classes), score[i],
                             box_at(cells[cell], distance + cell * 4)});
        }
        neck_head::keep_best(found, config.nms);
        result.push_back(std::move(found));
    }
    return result;
}

}  // namespace caplamp::training
