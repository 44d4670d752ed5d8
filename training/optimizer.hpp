// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "training/parameter_store.hpp"

namespace caplamp::training {

enum class OptimizerKind { adamw, sgd };

struct OptimizerConfig {
    OptimizerKind kind = OptimizerKind::adamw;
    double weight_decay = 0.025;  // adamw: decoupled (Loshchilov & Hutter 2019); sgd: L2
    double momentum = 0.937;      // sgd: Nesterov
    double beta1 = 0.9;           // adamw
    double beta2 = 0.999;
    double epsilon = 1e-8;
    double largest_gradient = 10;  // L2 norm of all gradients; longer ones are shortened to it
};

/// Updates a store from its gradients. Batch norm and biases have no weight decay.
class Optimizer {
public:
    Optimizer(const OptimizerConfig& config, ParameterStore& store);

    /// One update. Returns the gradients' norm before it was cut; when that is not finite nothing
    /// is changed, so that one bad batch cannot spoil the weights.
    double step(double learning_rate);

    /// What a checkpoint keeps: averages of gradients and of their squares (adamw only).
    torch::Tensor& first_moment() { return first_; }
    torch::Tensor& second_moment() { return second_; }
    std::int64_t steps() const { return steps_; }
    void set_steps(std::int64_t steps) { steps_ = steps; }

private:
    void update(std::int64_t begin, std::int64_t count, bool decays, double learning_rate);
    void adamw(const torch::Tensor& values, const torch::Tensor& gradients, torch::Tensor first,
               torch::Tensor second, double learning_rate) const;

    OptimizerConfig config_;
    ParameterStore& store_;
    torch::Tensor first_;
    torch::Tensor second_;
    std::int64_t steps_ = 0;
};

}  // namespace caplamp::training
