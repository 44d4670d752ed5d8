// SPDX-License-Identifier: Apache-2.0
#include "training/replicas.hpp"

#include <algorithm>
#include <exception>
#include <functional>
#include <thread>

#include "training/precision.hpp"

namespace caplamp::training {

Batch part_of(const Batch& batch, std::int64_t first, std::int64_t count) {
    Batch part;
    part.images = batch.images.narrow(0, first, count);
    part.labelled = batch.labelled.narrow(0, first, count);
    const torch::Tensor inside =
        ((batch.picture_of >= first) & (batch.picture_of < first + count)).nonzero().squeeze(1);
    part.boxes = batch.boxes.index_select(0, inside);
    part.classes = batch.classes.index_select(0, inside);
    part.picture_of = batch.picture_of.index_select(0, inside) - first;
    part.box_weight = batch.box_weight.index_select(0, inside);
    return part;
}

void side_by_side(std::size_t count, const std::function<void(std::size_t)>& work) {
    std::vector<std::exception_ptr> failures(count);
    const auto guarded = [&](std::size_t worker) {
        try {
            at::set_num_threads(1);
            work(worker);
        } catch (...) {
            failures[worker] = std::current_exception();
        }
    };
    {
        std::vector<std::jthread> threads;
        for (std::size_t i = 1; i < count; ++i) threads.emplace_back(guarded, i);
        guarded(0);
    }
    for (const std::exception_ptr& failure : failures) {
        if (failure) std::rethrow_exception(failure);
    }
}

Replicas::Replicas(const nn::Graph& graph, const nn::ModelTable& table, const LossConfig& loss,
                   ParameterStore& master, int workers)
    : config_(loss), loss_(table, loss), master_(master) {
    modules_.emplace_back(graph, master_, table.batch_norm_momentum);
    for (int i = 1; i < workers; ++i) {
        copies_.push_back(std::make_unique<ParameterStore>(graph, master.values().device()));
        modules_.emplace_back(graph, *copies_.back(), table.batch_norm_momentum);
    }
}

Replicas::Part Replicas::run_part(std::size_t worker, const Batch& part) {
    ParameterStore& store = worker == 0 ? master_ : *copies_[worker - 1];
    store.gradients().zero_();
    std::vector<torch::Tensor> outputs;
    {
        const MixedPrecision precision(part.images.device());
        outputs = modules_[worker].forward(part.images, Mode::train);
    }
    for (torch::Tensor& output : outputs) output = output.to(torch::kFloat32);
    const LossSums sums = loss_.sums(outputs, part, loss_.assign(outputs, part));
    sums.total(config_).backward();
    return {{config_.box_gain * sums.box.item<double>(),
             config_.class_gain * sums.classes.item<double>(),
             config_.distribution_gain * sums.distribution.item<double>()},
            sums.target_score};
}

void Replicas::gather(const std::vector<Part>& parts) {
    const torch::NoGradGuard no_grad;
    double target_score = 0;
    for (const Part& part : parts) target_score += part.target_score;
    for (std::size_t i = 1; i < parts.size(); ++i) {
        master_.gradients().add_(copies_[i - 1]->gradients());
        master_.statistics().add_(copies_[i - 1]->statistics());
    }
    master_.gradients().div_(std::max(target_score, 1.0));
    if (parts.size() > 1) master_.statistics().div_(static_cast<double>(parts.size()));
}

StepLosses Replicas::step(const Batch& batch) {
    const auto pictures = batch.images.size(0);
    const auto workers =
        std::min<std::int64_t>(static_cast<std::int64_t>(modules_.size()), pictures);
    std::vector<Part> parts(static_cast<std::size_t>(workers));
    // A replica copies the master before it begins, so the master must not run ahead: it changes
    // only its statistics meanwhile, hence the copies come first.
    for (std::size_t i = 1; i < parts.size(); ++i) copies_[i - 1]->copy_from(master_);
    side_by_side(parts.size(), [&](std::size_t worker) {
        const auto index = static_cast<std::int64_t>(worker);
        const auto first = pictures * index / workers;
        const auto end = pictures * (index + 1) / workers;
        parts[worker] = run_part(worker, part_of(batch, first, end - first));
    });
    gather(parts);
    StepLosses losses;
    double target_score = 0;
    for (const Part& part : parts) {
        losses.box += part.losses.box;
        losses.classes += part.losses.classes;
        losses.distribution += part.losses.distribution;
        target_score += part.target_score;
    }
    const double divisor = std::max(target_score, 1.0);
    losses.box /= divisor;
    losses.classes /= divisor;
    losses.distribution /= divisor;
    return losses;
}

}  // namespace caplamp::training
