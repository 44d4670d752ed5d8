// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "nn/graph.hpp"
#include "nn/model_table.hpp"
#include "training/batch.hpp"
#include "training/graph_module.hpp"
#include "training/loss.hpp"
#include "training/parameter_store.hpp"

namespace caplamp::training {

/// Means per batch, gains applied, for the curves.
struct StepLosses {
    double box = 0;
    double classes = 0;
    double distribution = 0;
    double total() const { return box + classes + distribution; }
};

/// Forward and backward pass of a batch by several single-threaded replicas side by side. OpenMP's
/// barriers collapse as soon as another program uses a core; independent replicas do not.
class Replicas {
public:
    /// `master` outlives this. On CUDA use one worker.
    Replicas(const nn::Graph& graph, const nn::ModelTable& table, const LossConfig& loss,
             ParameterStore& master, int workers);

    /// Leaves the gradient of the batch's loss in the master and updates its running statistics
    /// (the mean over the replicas). Sums in a fixed order: the same input, the same bits.
    StepLosses step(const Batch& batch);

private:
    struct Part {
        StepLosses losses;
        double target_score = 0;
    };
    Part run_part(std::size_t worker, const Batch& part);
    void gather(const std::vector<Part>& parts);

    const LossConfig config_;
    const DetectionLoss loss_;
    ParameterStore& master_;
    std::vector<std::unique_ptr<ParameterStore>> copies_;  // of workers 1, 2, ...
    std::vector<GraphModule> modules_;                     // worker 0 works on the master itself
};

/// Pictures first .. first+count-1 of a batch, with their boxes.
Batch part_of(const Batch& batch, std::int64_t first, std::int64_t count);

/// Calls work(0) on this thread and work(1..count-1) on threads of their own, all with
/// single-threaded tensor operations. Rethrows the first failure when all have ended.
void side_by_side(std::size_t count, const std::function<void(std::size_t)>& work);

}  // namespace caplamp::training
