// SPDX-License-Identifier: Apache-2.0
#include "training/dump_layers.hpp"

#include <cstdio>

#include "core/error.hpp"
#include "training/graph_module.hpp"
#include "training/weights_exchange.hpp"

namespace caplamp::training {
namespace {

Shape parse_size(const std::string& text, int multiple) {
    int width = 0;
    int height = 0;
    char rest = 0;
    const bool complete = std::sscanf(text.c_str(), "%dx%d%c", &width, &height, &rest) == 2;
    if (!complete || width < 1 || height < 1 || width % multiple != 0 || height % multiple != 0) {
        throw Error("--picture-size: must be WIDTHxHEIGHT, multiples of " +
                    std::to_string(multiple) + ", is '" + text + "'");
    }
    return {3, height, width};
}

}  // namespace

void dump_layers(const CommandLine& line) {
    if (line.weights.empty()) throw Error("--dump-layers: name the weights with --weights");
    const nn::ModelTable table = nn::ModelTable::load(line.config.model);
    const nn::Graph graph = nn::build_graph(table);
    const Shape shape = parse_size(line.picture_size, table.multiple_of());
    ParameterStore store(graph, torch::kCPU);
    load_weights(store, graph, table, line.weights);
    auto generator = at::detail::createCPUGenerator(1);
    const torch::Tensor picture = at::rand({1, 3, shape.height, shape.width}, generator);
    const auto values = GraphModule(graph, store, table.batch_norm_momentum).all_values(picture);
    nn::Weights layers = to_weights(store, table, "outputs of every layer");
    layers.arrays.clear();
    layers.metadata["form"] = "layers";
    layers.arrays["picture"] = to_array(picture.squeeze(0));
    for (std::size_t i = 1; i < values.size(); ++i) {
        layers.arrays[graph.nodes[i].name] = to_array(values[i].squeeze(0));
    }
    std::error_code failure;
    std::filesystem::create_directories(line.dump_layers, failure);
    if (failure) throw Error(line.dump_layers + ": " + failure.message());
    nn::write_weights(std::filesystem::path(line.dump_layers) / "layers.safetensors", layers,
                      nn::StorageType::f32);
}

}  // namespace caplamp::training
