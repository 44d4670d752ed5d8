// SPDX-License-Identifier: Apache-2.0
#include "training/weights_exchange.hpp"

#include <algorithm>
#include <cmath>

namespace caplamp::training {
namespace {

/// `graph.outputs` alternates box bins and class logits, one pair per stride.
void initialise_head(ParameterStore& store, const nn::Graph& graph, const nn::ModelTable& table) {
    const std::vector<int>& strides = table.detect().strides;
    const auto classes = static_cast<double>(table.classes.size());
    for (std::size_t i = 0; i < strides.size(); ++i) {
        const double cells = 640.0 / strides[i];
        torch::Tensor box = store.of_node(graph.outputs[2 * i]).bias;
        torch::Tensor score = store.of_node(graph.outputs[2 * i + 1]).bias;
        box.fill_(1.0);
        score.fill_(std::log(5.0 / classes / (cells * cells)));
    }
}

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : ",") + word;
    return text;
}

}  // namespace

void initialise(ParameterStore& store, const nn::Graph& graph, const nn::ModelTable& table,
                std::uint64_t seed) {
    const torch::NoGradGuard no_grad;
    auto generator = at::detail::createCPUGenerator(seed);
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
        const nn::Node& node = graph.nodes[i];
        if (node.kind != nn::OpKind::conv) continue;
        torch::Tensor weight = store.of_node(static_cast<int>(i)).weight;
        const double fan_out = node.conv.outputs * node.conv.kernel * node.conv.kernel /
                               static_cast<double>(node.conv.groups);
        weight.copy_(at::randn(weight.sizes(), generator).mul_(std::sqrt(2.0 / fan_out)));
    }
    initialise_head(store, graph, table);
}

nn::Array to_array(const torch::Tensor& tensor) {
    const torch::Tensor plain = tensor.detach()
                                    .to(torch::kCPU, torch::kFloat32)
                                    .contiguous(torch::MemoryFormat::Contiguous);
    nn::Array array;
    for (const std::int64_t side : plain.sizes()) array.shape.push_back(static_cast<int>(side));
    const float* first = plain.data_ptr<float>();
    array.values.assign(first, first + plain.numel());
    return array;
}

nn::Weights to_weights(const ParameterStore& store, const nn::ModelTable& table,
                       const std::string& provenance) {
    nn::Weights weights;
    for (const auto& [name, tensor] : store.arrays()) weights.arrays[name] = to_array(tensor);
    weights.metadata = {{"model", table.name},
                        {"model_hash", table.hash()},
                        {"classes", joined(table.classes)},
                        {"form", "training"},
                        {"provenance", provenance}};
    return weights;
}

void load_weights(ParameterStore& store, const nn::Graph& graph, const nn::ModelTable& table,
                  const std::filesystem::path& file) {
    const nn::Weights weights = nn::read_weights(file);
    nn::check_weights(weights, graph, table, file);
    const torch::NoGradGuard no_grad;
    for (const auto& [name, tensor] : store.arrays()) {
        const nn::Array& array = weights.at(name);
        const torch::Tensor source = torch::from_blob(const_cast<float*>(array.values.data()),
                                                      tensor.sizes(), torch::kFloat32);
        torch::Tensor(tensor).copy_(source);
    }
}

}  // namespace caplamp::training
