// SPDX-License-Identifier: Apache-2.0
#include "training/loss.hpp"

#include <cstring>

namespace caplamp::training {
namespace {

constexpr int labelled_stride = 8;  // of Batch::labelled

torch::Tensor flat_map(const torch::Tensor& map) {
    return map.permute({0, 2, 3, 1}).reshape({map.size(0), -1, map.size(1)});
}

torch::Tensor to_tensor(const std::vector<Cell>& cells, const torch::TensorOptions& options) {
    static_assert(sizeof(Cell) == 3 * sizeof(float));
    torch::Tensor tensor = torch::empty({static_cast<std::int64_t>(cells.size()), 3});
    std::memcpy(tensor.data_ptr<float>(), cells.data(), cells.size() * sizeof(Cell));
    return tensor.to(options);
}

torch::Tensor plain_floats(const torch::Tensor& tensor) {
    return tensor.detach().to(torch::kCPU, torch::kFloat32).contiguous();
}

/// The objects of a batch where plain loops can read them; pictures in ascending order.
class Truth {
public:
    explicit Truth(const Batch& batch)
        : boxes_(plain_floats(batch.boxes)),
          classes_(batch.classes.to(torch::kCPU).contiguous()),
          picture_of_(batch.picture_of.to(torch::kCPU).contiguous()) {}

    /// Those of one picture, which begin at `first`; asked for picture by picture.
    std::vector<Target> of_picture(std::int64_t picture, std::int64_t first) const {
        static_assert(sizeof(Corners) == 4 * sizeof(float));
        const auto* boxes = reinterpret_cast<const Corners*>(boxes_.data_ptr<float>());
        const auto* classes = classes_.data_ptr<std::int64_t>();
        const auto* picture_of = picture_of_.data_ptr<std::int64_t>();
        std::vector<Target> targets;
        for (std::int64_t i = first; i < boxes_.size(0) && picture_of[i] == picture; ++i) {
            targets.push_back({static_cast<int>(classes[i]), boxes[i]});
        }
        return targets;
    }

private:
    torch::Tensor boxes_;
    torch::Tensor classes_;
    torch::Tensor picture_of_;
};

}  // namespace

/// All scales side by side: A cells per picture.
struct DetectionLoss::Flat {
    torch::Tensor bins;    // [N, A, 4 * reg_max]
    torch::Tensor logits;  // [N, A, C]
    std::vector<Cell> cells;
    torch::Tensor cell_table;  // [A, 3], as the outputs' type
};

torch::Tensor LossSums::total(const LossConfig& config) const {
    return config.box_gain * box + config.class_gain * classes +
           config.distribution_gain * distribution;
}

DetectionLoss::DetectionLoss(const nn::ModelTable& table, const LossConfig& config)
    : config_(config),
      strides_(table.detect().strides),
      classes_(static_cast<int>(table.classes.size())) {}

DetectionLoss::Flat DetectionLoss::flatten(const std::vector<torch::Tensor>& outputs) const {
    std::vector<torch::Tensor> bins;
    std::vector<torch::Tensor> logits;
    std::vector<MapSides> sides;
    for (std::size_t i = 0; i < strides_.size(); ++i) {
        bins.push_back(flat_map(outputs[2 * i]));
        logits.push_back(flat_map(outputs[2 * i + 1]));
        sides.push_back({outputs[2 * i].size(2), outputs[2 * i].size(3)});
    }
    Flat flat{torch::cat(bins, 1), torch::cat(logits, 1), cells_of(sides, strides_), {}};
    flat.cell_table = to_tensor(flat.cells, flat.bins.options().requires_grad(false));
    return flat;
}

Positives DetectionLoss::assign(const std::vector<torch::Tensor>& outputs,
                                const Batch& batch) const {
    const torch::NoGradGuard no_grad;
    const Flat flat = flatten(outputs);
    const auto pictures = flat.bins.size(0);
    const auto cells = flat.bins.size(1);
    const auto count = static_cast<std::size_t>(cells);
    const auto scores = plain_floats(flat.logits.sigmoid());
    const auto boxes = plain_floats(
        corners_of(expected_distances(flat.bins), flat.cell_table.repeat({pictures, 1})));
    const auto* score = scores.data_ptr<float>();
    const auto* box = reinterpret_cast<const Corners*>(boxes.data_ptr<float>());
    const Truth truth(batch);
    Positives positives;
    std::int64_t first = 0;
    for (std::int64_t picture = 0; picture < pictures; ++picture) {
        const std::vector<Target> targets = truth.of_picture(picture, first);
        const Answer answer{.cells = flat.cells,
                            .scores = {score + picture * cells * classes_,
                                       count * static_cast<std::size_t>(classes_)},
                            .boxes = {box + picture * cells, count},
                            .classes = classes_};
        for (const AssignedCell& found : training::assign(config_.assigner, answer, targets)) {
            positives.cells.push_back(picture * cells + found.cell);
            positives.targets.push_back(first + found.target);
            positives.scores.push_back(found.score);
        }
        first += static_cast<std::int64_t>(targets.size());
    }
    return positives;
}

/// [N, A, C] bool. A coarse cell counts as labelled where all the fine cells below it are.
torch::Tensor DetectionLoss::labelled_cells(const Batch& batch) const {
    const torch::Tensor unlabelled = batch.labelled.logical_not().to(torch::kFloat32);
    std::vector<torch::Tensor> maps;
    for (const int stride : strides_) {
        const int factor = stride / labelled_stride;
        maps.push_back(flat_map(factor == 1 ? unlabelled : torch::max_pool2d(unlabelled, factor)));
    }
    return torch::cat(maps, 1) == 0;
}

torch::Tensor DetectionLoss::class_sum(const Flat& flat, const Positives& positives,
                                       const Batch& batch) const {
    const auto options = flat.logits.options().requires_grad(false);
    torch::Tensor wanted =
        torch::zeros({flat.logits.size(0) * flat.logits.size(1), classes_}, options);
    if (!positives.cells.empty()) {
        const auto cells = torch::tensor(positives.cells).to(options.device());
        const auto targets = torch::tensor(positives.targets).to(options.device());
        wanted.index_put_({cells, batch.classes.index_select(0, targets)},
                          torch::tensor(positives.scores).to(options));
    }
    const auto counts = labelled_cells(batch).to(options);
    return torch::binary_cross_entropy_with_logits(flat.logits, wanted.view(flat.logits.sizes()),
                                                   counts, {}, at::Reduction::Sum);
}

void DetectionLoss::add_box_sums(const Flat& flat, const Positives& positives, const Batch& batch,
                                 LossSums& sums) const {
    const auto options = flat.bins.options().requires_grad(false);
    const auto index = torch::tensor(positives.cells).to(options.device());
    const auto targets = torch::tensor(positives.targets).to(options.device());
    const auto weight = torch::tensor(positives.scores).to(options) *
                        batch.box_weight.index_select(0, targets).to(options);
    const auto bins = flat.bins.flatten(0, 1).index_select(0, index);
    const auto cells = flat.cell_table.index_select(0, index.remainder(flat.bins.size(1)));
    const auto truth = batch.boxes.index_select(0, targets).to(options);
    const auto predicted = corners_of(expected_distances(bins), cells);
    sums.box = (weight * (1 - complete_iou(predicted, truth))).sum();
    const auto centre = cells.narrow(1, 0, 2);
    const auto distances =
        torch::cat({centre - truth.narrow(1, 0, 2), truth.narrow(1, 2, 2) - centre}, 1) /
        cells.narrow(1, 2, 1);
    sums.distribution = (weight * distribution_focal(bins, distances)).sum();
}

LossSums DetectionLoss::sums(const std::vector<torch::Tensor>& outputs, const Batch& batch,
                             const Positives& positives) const {
    const Flat flat = flatten(outputs);
    LossSums sums;
    for (const float score : positives.scores) sums.target_score += static_cast<double>(score);
    sums.classes = class_sum(flat, positives, batch);
    if (positives.cells.empty()) {
        // Nothing to find: no box loss, but a gradient of zeros all the same.
        sums.box = flat.bins.sum() * 0;
        sums.distribution = sums.box;
    } else {
        add_box_sums(flat, positives, batch, sums);
    }
    return sums;
}

torch::Tensor distribution_focal(const torch::Tensor& bins, const torch::Tensor& distances) {
    const auto count = bins.size(1) / 4;
    // Just short of the last bin, so that the bin to the right exists.
    const auto distance = distances.clamp(0, static_cast<double>(count) - 1.01);
    const auto left = distance.floor();
    const auto right_weight = distance - left;
    const auto left_bin = left.to(torch::kInt64).unsqueeze(2);
    const auto log_shares = bins.reshape({-1, 4, count}).log_softmax(2);
    const auto left_cost = log_shares.gather(2, left_bin).squeeze(2);
    const auto right_cost = log_shares.gather(2, left_bin + 1).squeeze(2);
    return -((1 - right_weight) * left_cost + right_weight * right_cost).mean(1);
}

}  // namespace caplamp::training
