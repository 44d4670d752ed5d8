// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "nn/graph.hpp"
#include "training/parameter_store.hpp"
#include "training/torch.hpp"

namespace caplamp::training {

enum class Mode { train, evaluate };

/// Runs the operations of an nn::Graph with libtorch. Holds no numbers itself: they are in the
/// store, which must outlive it. One thread at a time.
class GraphModule {
public:
    /// `momentum` is the share of the newest batch in the running statistics.
    GraphModule(const nn::Graph& graph, const ParameterStore& store, double momentum);

    /// The graph's outputs for pictures [N, 3, H, W]. In training mode batch norm uses and
    /// updates the statistics of this batch. A value is released after its last reader.
    std::vector<torch::Tensor> forward(const torch::Tensor& pictures, Mode mode) const;

    /// Every node's value, in evaluation mode: for comparing engines, not for training.
    std::vector<torch::Tensor> all_values(const torch::Tensor& pictures) const;

private:
    using Values = std::vector<torch::Tensor>;
    torch::Tensor apply(int node, Values& values, Mode mode, bool keep) const;
    torch::Tensor take(int value, int reader, Values& values, bool keep) const;
    /// No other reader, and its producer does not need its result in the backward pass.
    bool overwritable(int value, int reader, bool keep) const;

    const nn::Graph& graph_;
    const ParameterStore& store_;
    double momentum_;
    std::vector<int> last_reader_;
};

}  // namespace caplamp::training
