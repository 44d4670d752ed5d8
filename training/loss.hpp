// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "nn/model_table.hpp"
#include "training/assigner.hpp"
#include "training/batch.hpp"

namespace caplamp::training {

struct LossConfig {
    double box_gain = 7.5;
    double class_gain = 0.5;
    double distribution_gain = 1.5;
    AssignerConfig assigner;
};

/// Sums over one batch, not yet divided by anything, so that parts of a batch may be added.
struct LossSums {
    torch::Tensor box;           // score * box weight * (1 - complete IoU)
    torch::Tensor classes;       // binary cross entropy where the class is labelled
    torch::Tensor distribution;  // score * box weight * cross entropy of the four sides, mean
    double target_score = 0;     // the sum of all scores to learn: the divisor

    /// Gains applied; scalar that carries the gradient.
    torch::Tensor total(const LossConfig& config) const;
};

/// The P cells of a batch that learn an object.
struct Positives {
    std::vector<std::int64_t> cells;    // picture * cells per picture + cell, ascending
    std::vector<std::int64_t> targets;  // rows of the batch's boxes
    std::vector<float> scores;          // to learn
};

/// The loss of YOLOv8's decoupled anchor-free head: task-aligned targets, complete IoU and
/// distribution focal loss for boxes, binary cross entropy for classes. Where a picture does not
/// label a class, that class costs nothing there, so unlabelled objects are not background.
/// `outputs` are the graph's: per scale box bins [N, 4*reg_max, h, w] and class logits
/// [N, C, h, w], float or double.
class DetectionLoss {
public:
    DetectionLoss(const nn::ModelTable& table, const LossConfig& config);

    Positives assign(const std::vector<torch::Tensor>& outputs, const Batch& batch) const;
    LossSums sums(const std::vector<torch::Tensor>& outputs, const Batch& batch,
                  const Positives& positives) const;

private:
    struct Flat;
    Flat flatten(const std::vector<torch::Tensor>& outputs) const;
    torch::Tensor class_sum(const Flat& flat, const Positives& positives, const Batch& batch) const;
    void add_box_sums(const Flat& flat, const Positives& positives, const Batch& batch,
                      LossSums& sums) const;
    torch::Tensor labelled_cells(const Batch& batch) const;

    LossConfig config_;
    std::vector<int> strides_;
    int classes_;
};

/// Cross entropy of each side's bins [P, 4 * bins] against the two bins beside its true distance
/// [P, 4] (in strides), weighted by nearness, mean over the sides: [P] (Li et al. 2020, eq. 6).
torch::Tensor distribution_focal(const torch::Tensor& bins, const torch::Tensor& distances);

}  // namespace caplamp::training
