// SPDX-License-Identifier: Apache-2.0
#include "training/optimizer.hpp"

#include <algorithm>
#include <cmath>

namespace caplamp::training {
namespace {

/// Values that stay in the second-level cache during the several passes of an update.
constexpr std::int64_t block = 1 << 14;

}  // namespace

Optimizer::Optimizer(const OptimizerConfig& config, ParameterStore& store)
    : config_(config), store_(store), first_(torch::zeros_like(store.values())) {
    if (config.kind == OptimizerKind::adamw) second_ = torch::zeros_like(store.values());
}

double Optimizer::step(double learning_rate) {
    const torch::NoGradGuard no_grad;
    torch::Tensor& gradients = store_.gradients();
    const double norm = gradients.norm().item<double>();
    if (!std::isfinite(norm)) return norm;
    if (norm > config_.largest_gradient) gradients.mul_(config_.largest_gradient / norm);
    ++steps_;
    const std::int64_t total = store_.values().numel();
    const std::int64_t stride = store_.values().is_cpu() ? block : total;
    for (std::int64_t i = 0; i < store_.decayed(); i += stride) {
        update(i, std::min(stride, store_.decayed() - i), true, learning_rate);
    }
    for (std::int64_t i = store_.decayed(); i < total; i += stride) {
        update(i, std::min(stride, total - i), false, learning_rate);
    }
    return norm;
}

void Optimizer::update(std::int64_t begin, std::int64_t count, bool decays, double learning_rate) {
    torch::Tensor values = store_.values().narrow(0, begin, count);
    torch::Tensor gradients = store_.gradients().narrow(0, begin, count);
    torch::Tensor first = first_.narrow(0, begin, count);
    if (config_.kind == OptimizerKind::adamw) {
        if (decays) values.mul_(1 - learning_rate * config_.weight_decay);
        adamw(values, gradients, first, second_.narrow(0, begin, count), learning_rate);
        return;
    }
    if (decays) gradients.add_(values, config_.weight_decay);
    first.mul_(config_.momentum).add_(gradients);
    values.add_(gradients, -learning_rate).add_(first, -learning_rate * config_.momentum);
}

void Optimizer::adamw(const torch::Tensor& values, const torch::Tensor& gradients,
                      torch::Tensor first, torch::Tensor second, double learning_rate) const {
    const auto count = static_cast<double>(steps_);
    const double correction1 = 1 - std::pow(config_.beta1, count);
    const double correction2 = 1 - std::pow(config_.beta2, count);
    first.lerp_(gradients, 1 - config_.beta1);
    second.mul_(config_.beta2).addcmul_(gradients, gradients, 1 - config_.beta2);
    const torch::Tensor spread = (second / correction2).sqrt_().add_(config_.epsilon);
    torch::Tensor(values).addcdiv_(first, spread, -learning_rate / correction1);
}

}  // namespace caplamp::training
