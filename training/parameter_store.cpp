// SPDX-License-Identifier: Apache-2.0
#include "training/parameter_store.hpp"

namespace caplamp::training {
namespace {

std::vector<std::int64_t> weight_shape(const nn::ConvGeometry& conv) {
    return {conv.outputs, conv.inputs / conv.groups, conv.kernel, conv.kernel};
}

std::int64_t count(const std::vector<std::int64_t>& shape) {
    std::int64_t product = 1;
    for (const std::int64_t side : shape) product *= side;
    return product;
}

/// A view of part of a flat block; four dimensions lie channels-last, as oneDNN and cuDNN like it.
torch::Tensor view_of(const torch::Tensor& block, std::int64_t offset,
                      const std::vector<std::int64_t>& shape) {
    if (shape.size() != 4) return block.narrow(0, offset, count(shape)).view(shape);
    const std::vector<std::int64_t> strides{shape[1] * shape[2] * shape[3], 1, shape[3] * shape[1],
                                            shape[1]};
    return block.as_strided(shape, strides, offset);
}

}  // namespace

ParameterStore::ParameterStore(const nn::Graph& graph, torch::Device device, torch::Dtype dtype)
    : nodes_(graph.nodes.size()) {
    std::int64_t others = 0;
    std::int64_t normalised = 0;
    for (const nn::Node& node : graph.nodes) {
        if (node.kind == nn::OpKind::conv) {
            decayed_ += count(weight_shape(node.conv));
            if (node.conv.bias) others += node.channels;
        }
        if (node.kind == nn::OpKind::batch_norm) normalised += node.channels;
    }
    const auto options = torch::TensorOptions().device(device).dtype(dtype);
    values_ = torch::zeros({decayed_ + others + 2 * normalised}, options);
    gradients_ = torch::zeros_like(values_);
    statistics_ = torch::zeros({2 * normalised}, options);
    add_views(graph);
}

torch::Tensor ParameterStore::parameter(std::int64_t& offset,
                                        const std::vector<std::int64_t>& shape) {
    torch::Tensor leaf = view_of(values_, offset, shape).detach().set_requires_grad(true);
    leaf.mutable_grad() = view_of(gradients_, offset, shape);
    offset += count(shape);
    return leaf;
}

void ParameterStore::add_views(const nn::Graph& graph) {
    std::int64_t weights = 0;
    std::int64_t others = decayed_;
    std::int64_t statistics = 0;
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
        const nn::Node& node = graph.nodes[i];
        const bool is_conv = node.kind == nn::OpKind::conv;
        if (!is_conv && node.kind != nn::OpKind::batch_norm) continue;
        NodeArrays& arrays = nodes_[i];
        arrays.weight = is_conv ? parameter(weights, weight_shape(node.conv))
                                : parameter(others, {node.channels});
        arrays_[node.name + ".weight"] = arrays.weight;
        if (!is_conv || node.conv.bias) {
            arrays.bias = parameter(others, {node.channels});
            arrays_[node.name + ".bias"] = arrays.bias;
        }
        if (is_conv) continue;
        arrays.running_mean = view_of(statistics_, statistics, {node.channels});
        arrays.running_var = view_of(statistics_, statistics + node.channels, {node.channels});
        statistics += 2 * node.channels;
        arrays_[node.name + ".running_mean"] = arrays.running_mean;
        arrays_[node.name + ".running_var"] = arrays.running_var;
        const torch::NoGradGuard no_grad;
        arrays.weight.fill_(1);
        arrays.running_var.fill_(1);
    }
}

void ParameterStore::copy_from(const ParameterStore& other) {
    const torch::NoGradGuard no_grad;
    values_.copy_(other.values_);
    statistics_.copy_(other.statistics_);
}

}  // namespace caplamp::training
