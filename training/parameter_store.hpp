// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "nn/graph.hpp"
#include "training/torch.hpp"

namespace caplamp::training {

/// All numbers of one network in three flat blocks (parameters, their gradients, batch-norm
/// statistics), so that the optimiser, averages and copies between replicas are single passes.
/// The arrays that the graph names are views of them; convolution weights lie channels-last.
class ParameterStore {
public:
    /// What one node computes with; tensors that its kind does not have stay undefined.
    struct NodeArrays {
        torch::Tensor weight;
        torch::Tensor bias;
        torch::Tensor running_mean;
        torch::Tensor running_var;
    };

    /// Ones for batch-norm weights and variances, zeros for everything else.
    ParameterStore(const nn::Graph& graph, torch::Device device,
                   torch::Dtype dtype = torch::kFloat32);

    const NodeArrays& of_node(int node) const { return nodes_[static_cast<std::size_t>(node)]; }

    torch::Tensor& values() { return values_; }
    torch::Tensor& gradients() { return gradients_; }
    torch::Tensor& statistics() { return statistics_; }
    const torch::Tensor& values() const { return values_; }
    const torch::Tensor& statistics() const { return statistics_; }

    /// The first so many values are convolution weights: what weight decay is for.
    std::int64_t decayed() const { return decayed_; }

    /// Every array by the name that nn::arrays_of gives it.
    const std::map<std::string, torch::Tensor>& arrays() const { return arrays_; }

    /// Copies parameters and statistics, not gradients.
    void copy_from(const ParameterStore& other);

private:
    void add_views(const nn::Graph& graph);
    torch::Tensor parameter(std::int64_t& offset, const std::vector<std::int64_t>& shape);

    std::int64_t decayed_ = 0;
    torch::Tensor values_;
    torch::Tensor gradients_;
    torch::Tensor statistics_;
    std::vector<NodeArrays> nodes_;
    std::map<std::string, torch::Tensor> arrays_;
};

}  // namespace caplamp::training
