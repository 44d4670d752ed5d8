// SPDX-License-Identifier: Apache-2.0
#include "training/graph_module.hpp"

#include <limits>

#include "training/winograd_convolution.hpp"

namespace caplamp::training {
namespace {

/// A 1x1 convolution does not know rows from pictures. libtorch sends single-threaded ones of
/// fewer than 16 pictures to the reference BLAS, 10 to 20 times slower than oneDNN, so every row
/// goes in as a picture of its own: a view, since the channels lie last.
torch::Tensor pointwise(const torch::Tensor& input, const ParameterStore::NodeArrays& arrays) {
    const auto n = input.size(0);
    const auto h = input.size(2);
    const auto w = input.size(3);
    const auto rows = input.permute({0, 2, 3, 1}).reshape({n * h, 1, w, input.size(1)});
    const auto result = torch::conv2d(rows.permute({0, 3, 1, 2}), arrays.weight, arrays.bias);
    return result.permute({0, 2, 3, 1}).reshape({n, h, w, result.size(1)}).permute({0, 3, 1, 2});
}

torch::Tensor convolve(const nn::ConvGeometry& conv, const torch::Tensor& input,
                       const ParameterStore::NodeArrays& arrays) {
    const bool is_pointwise = conv.kernel == 1 && conv.stride == 1 && conv.padding == 0;
    if (is_pointwise && conv.groups == 1 && input.is_cpu() && input.size(0) < 16) {
        return pointwise(input, arrays);
    }
    if (winograd_fits(conv, input)) return winograd_convolution(input, arrays.weight);
    return torch::conv2d(input, arrays.weight, arrays.bias, conv.stride, conv.padding, 1,
                         conv.groups);
}

}  // namespace

GraphModule::GraphModule(const nn::Graph& graph, const ParameterStore& store, double momentum)
    : graph_(graph), store_(store), momentum_(momentum), last_reader_(graph.nodes.size(), -1) {
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
        for (const int input : graph.nodes[i].inputs) {
            last_reader_[static_cast<std::size_t>(input)] = static_cast<int>(i);
        }
    }
    for (const int output : graph.outputs) {
        last_reader_[static_cast<std::size_t>(output)] = std::numeric_limits<int>::max();
    }
}

torch::Tensor GraphModule::take(int value, int reader, Values& values, bool keep) const {
    const auto index = static_cast<std::size_t>(value);
    if (keep || last_reader_[index] != reader) return values[index];
    return std::move(values[index]);
}

bool GraphModule::overwritable(int value, int reader, bool keep) const {
    const auto index = static_cast<std::size_t>(value);
    const nn::OpKind producer = graph_.nodes[index].kind;
    return !keep && last_reader_[index] == reader &&
           (producer == nn::OpKind::add || producer == nn::OpKind::batch_norm);
}

torch::Tensor GraphModule::apply(int node, Values& values, Mode mode, bool keep) const {
    const nn::Node& op = graph_.nodes[static_cast<std::size_t>(node)];
    const ParameterStore::NodeArrays& arrays = store_.of_node(node);
    const auto input = [&](std::size_t i) { return take(op.inputs[i], node, values, keep); };
    switch (op.kind) {
        case nn::OpKind::input:
            return values[0];
        case nn::OpKind::conv:
            return convolve(op.conv, input(0), arrays);
        case nn::OpKind::batch_norm:
            return torch::batch_norm(input(0), arrays.weight, arrays.bias, arrays.running_mean,
                                     arrays.running_var, mode == Mode::train, momentum_,
                                     graph_.batch_norm_epsilon, true);
        case nn::OpKind::silu:
            return torch::silu(input(0));
        case nn::OpKind::relu:
            return overwritable(op.inputs[0], node, keep) ? input(0).relu_() : input(0).relu();
        case nn::OpKind::add: {
            torch::Tensor sum = input(0) + input(1);
            for (std::size_t i = 2; i < op.inputs.size(); ++i) sum.add_(input(i));
            return sum;
        }
        case nn::OpKind::concat: {
            Values parts;
            for (std::size_t i = 0; i < op.inputs.size(); ++i) parts.push_back(input(i));
            return torch::cat(parts, 1);
        }
        case nn::OpKind::slice:
            return input(0).narrow(1, op.slice_begin, op.channels);
        case nn::OpKind::max_pool:
            return torch::max_pool2d(input(0), op.pool_kernel, 1, op.pool_kernel / 2);
        case nn::OpKind::upsample: {
            const torch::Tensor map = input(0);
            return at::upsample_nearest2d(map, {map.size(2) * op.factor, map.size(3) * op.factor});
        }
    }
    TORCH_INTERNAL_ASSERT(false, "operation without an implementation");
}

std::vector<torch::Tensor> GraphModule::forward(const torch::Tensor& pictures, Mode mode) const {
    Values values(graph_.nodes.size());
    values[0] = pictures.contiguous(torch::MemoryFormat::ChannelsLast);
    for (std::size_t i = 1; i < values.size(); ++i) {
        values[i] = apply(static_cast<int>(i), values, mode, false);
    }
    std::vector<torch::Tensor> outputs;
    for (const int output : graph_.outputs) {
        outputs.push_back(values[static_cast<std::size_t>(output)]);
    }
    return outputs;
}

std::vector<torch::Tensor> GraphModule::all_values(const torch::Tensor& pictures) const {
    const torch::NoGradGuard no_grad;
    Values values(graph_.nodes.size());
    values[0] = pictures.contiguous(torch::MemoryFormat::ChannelsLast);
    for (std::size_t i = 1; i < values.size(); ++i) {
        values[i] = apply(static_cast<int>(i), values, Mode::evaluate, true);
    }
    return values;
}

}  // namespace caplamp::training
