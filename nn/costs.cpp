// SPDX-License-Identifier: Apache-2.0
#include "nn/costs.hpp"

#include <algorithm>

namespace caplamp::nn {
namespace {

std::size_t at(int index) { return static_cast<std::size_t>(index); }

bool is_activation(OpKind kind) { return kind == OpKind::relu || kind == OpKind::silu; }

class Counting {
public:
    Counting(const Graph& graph, Shape input, const CostConfig& config)
        : graph_(graph),
          config_(config),
          shapes_(infer_shapes(graph, input)),
          readers_(graph.nodes.size(), 0) {
        for (const Node& node : graph.nodes) {
            for (const int operand : node.inputs) ++readers_[at(operand)];
        }
        for (const int output : graph.outputs) ++readers_[at(output)];
    }

    std::vector<Cost> count() const {
        std::vector<Cost> costs;
        bool picture_counted = false;
        for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
            costs.push_back(cost_of(static_cast<int>(i)));
            const auto& inputs = graph_.nodes[i].inputs;
            const bool reads_picture = std::ranges::find(inputs, 0) != inputs.end();
            if (config_.count == ByteCount::ideal && reads_picture && !picture_counted) {
                costs.back().bytes += numbers(0) * config_.bytes_per_number;
                picture_counted = true;
            }
        }
        return costs;
    }

private:
    const Node& node(int index) const { return graph_.nodes[at(index)]; }
    std::int64_t numbers(int value) const {
        return static_cast<std::int64_t>(shapes_[at(value)].size());
    }

    /// Runs within the kernel that makes its operand.
    bool is_taken_in(int index) const {
        const Node& n = node(index);
        if (n.kind == OpKind::add) return sums_convs(index);
        const bool follows = n.kind == OpKind::batch_norm || is_activation(n.kind);
        if (!follows || readers_[at(n.inputs[0])] != 1) return false;
        const OpKind before = node(n.inputs[0]).kind;
        if (n.kind == OpKind::batch_norm) return before == OpKind::conv;
        return before == OpKind::conv || before == OpKind::batch_norm || before == OpKind::add;
    }

    bool sums_convs(int add) const {
        return std::ranges::all_of(node(add).inputs, [&](int operand) {
            if (readers_[at(operand)] != 1) return false;
            if (node(operand).kind == OpKind::conv) return true;
            return node(operand).kind == OpKind::batch_norm && is_taken_in(operand);
        });
    }

    Cost cost_of(int index) const {
        Cost cost;
        count_numbers(index, cost);
        count_traffic(index, cost);
        return cost;
    }

    void count_numbers(int index, Cost& cost) const {
        const Node& n = node(index);
        const std::int64_t results = numbers(index);
        if (n.kind == OpKind::conv) {
            const ConvGeometry& g = n.conv;
            const std::int64_t taps =
                static_cast<std::int64_t>(g.inputs / g.groups) * g.kernel * g.kernel;
            cost.conv_flop = 2 * taps * results;
            cost.parameters = taps * g.outputs + (g.bias ? g.outputs : 0);
            if (g.bias) cost.elementwise_flop = results;
        } else if (n.kind == OpKind::batch_norm) {
            cost.parameters = 2 * static_cast<std::int64_t>(n.channels);
            cost.elementwise_flop = 2 * results;
        } else if (n.kind == OpKind::add) {
            cost.elementwise_flop = (static_cast<std::int64_t>(n.inputs.size()) - 1) * results;
        }
    }

    void count_traffic(int index, Cost& cost) const {
        const Node& n = node(index);
        const bool moves =
            n.kind != OpKind::input && n.kind != OpKind::concat && n.kind != OpKind::slice;
        const bool counts = config_.count != ByteCount::conv_only || n.kind == OpKind::conv;
        std::int64_t moved = counts ? cost.parameters : 0;
        if (moves && is_taken_in(index)) {
            // Every convolution of a sum but the first reads what the others have added up.
            if (n.kind == OpKind::add && config_.count == ByteCount::kernel) {
                moved += (static_cast<std::int64_t>(n.inputs.size()) - 1) * numbers(index);
            }
        } else if (moves) {
            cost.kernels = 1;
            if (counts) moved += numbers(index);
            for (const int operand : n.inputs) {
                if (counts && config_.count != ByteCount::ideal) moved += numbers(operand);
            }
        }
        cost.bytes = moved * config_.bytes_per_number;
    }

    const Graph& graph_;
    CostConfig config_;
    std::vector<Shape> shapes_;
    std::vector<int> readers_;
};

/// The rows of the model's table that a graph has, in order.
std::vector<std::string> layers_of(const Graph& graph) {
    std::vector<std::string> layers;
    for (const Node& node : graph.nodes) {
        if (node.layer.empty() || (!layers.empty() && layers.back() == node.layer)) continue;
        layers.push_back(node.layer);
    }
    return layers;
}

}  // namespace

Cost& Cost::operator+=(const Cost& other) {
    conv_flop += other.conv_flop;
    elementwise_flop += other.elementwise_flop;
    parameters += other.parameters;
    bytes += other.bytes;
    kernels += other.kernels;
    return *this;
}

std::vector<Cost> node_costs(const Graph& graph, Shape input, const CostConfig& config) {
    return Counting(graph, input, config).count();
}

Cost total(const std::vector<Cost>& costs, int begin, int end) {
    Cost sum;
    for (int i = begin; i < end; ++i) sum += costs[at(i)];
    return sum;
}

std::vector<LayerCost> layer_costs(const Graph& graph, Shape input, const CostConfig& config) {
    const std::vector<Cost> costs = node_costs(graph, input, config);
    std::vector<LayerCost> layers;
    int begin = 0;
    for (const std::string& layer : layers_of(graph)) {
        const int end = graph.end_of_layer(layer);
        layers.push_back({layer, graph.nodes[at(end - 1)].part, total(costs, begin, end)});
        begin = end;
    }
    return layers;
}

std::vector<CutCost> cut_costs(const Graph& graph, Shape input, const CostConfig& config) {
    const std::vector<Cost> costs = node_costs(graph, input, config);
    const std::vector<Shape> shapes = infer_shapes(graph, input);
    const int size = static_cast<int>(graph.nodes.size());
    std::vector<CutCost> cuts;
    for (const std::string& layer : layers_of(graph)) {
        CutCost cut;
        cut.layer = layer;
        cut.end = graph.end_of_layer(layer);
        cut.live = live_values(graph, cut.end);
        for (const int value : cut.live) {
            cut.live_numbers += static_cast<std::int64_t>(shapes[at(value)].size());
        }
        cut.before = total(costs, 0, cut.end);
        cut.after = total(costs, cut.end, size);
        cuts.push_back(std::move(cut));
    }
    return cuts;
}

}  // namespace caplamp::nn
