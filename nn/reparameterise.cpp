// SPDX-License-Identifier: Apache-2.0
#include "nn/reparameterise.hpp"

#include <algorithm>

#include "core/error.hpp"

namespace caplamp::nn {
namespace {

std::size_t at(int index) { return static_cast<std::size_t>(index); }

/// One convolution of the new network.
struct Cell {
    std::string name;
    const Region* region = nullptr;
    std::vector<int> branches;
};

void check_state(const Region& region, const BranchState& state) {
    std::vector<int> named;
    for (const auto& cell : state.cells) named.insert(named.end(), cell.begin(), cell.end());
    std::ranges::sort(named);
    const bool repeats = std::ranges::adjacent_find(named) != named.end();
    const bool empty_cell =
        std::ranges::any_of(state.cells, [](const auto& cell) { return cell.empty(); });
    if (named.empty() || empty_cell || repeats || named.front() < 0 ||
        named.back() >= static_cast<int>(region.branches.size())) {
        throw Error("the branch state given for " + region.name + " does not fit its branches");
    }
}

class Rewriter {
public:
    Rewriter(const Graph& graph, const RegionStates& states)
        : graph_(graph), regions_(find_regions(graph)), new_index_(graph.nodes.size(), -1) {
        for (const auto& [name, state] : states) {
            if (std::ranges::find(regions_, name, &Region::name) == regions_.end()) {
                throw Error("model " + graph.model + " has no branches called " + name);
            }
        }
        std::vector<const Region*> region_of(graph.nodes.size(), nullptr);
        for (const Region& region : regions_) {
            region_of[at(region.output)] = &region;
            for (const Branch& branch : region.branches) {
                for (const int node : branch.nodes) region_of[at(node)] = &region;
            }
        }
        result_.model = graph.model;
        result_.batch_norm_epsilon = graph.batch_norm_epsilon;
        for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
            const Region* region = region_of[i];
            if (region == nullptr) {
                copy(static_cast<int>(i));
            } else if (region->output == static_cast<int>(i)) {
                const auto found = states.find(region->name);
                write(*region, found == states.end() ? merged_state(*region) : found->second);
            }
        }
        for (const int output : graph.outputs) {
            result_.outputs.push_back(new_index_[at(output)]);
        }
    }

    const Graph& graph() const { return result_; }
    const std::vector<Cell>& cells() const { return cells_; }

private:
    int append(Node node) {
        result_.nodes.push_back(std::move(node));
        return static_cast<int>(result_.nodes.size()) - 1;
    }

    void copy(int index) {
        Node node = graph_.nodes[at(index)];
        for (int& input : node.inputs) input = new_index_[at(input)];
        new_index_[at(index)] = append(std::move(node));
    }

    std::string name_of_cell(const Region& region, const std::vector<int>& cell) const {
        if (region.branches.size() > 1) return region.name + "." + to_text(region, {{cell}});
        return graph_.nodes[at(region.branches[0].nodes.front())].name;
    }

    void write(const Region& region, const BranchState& state) {
        check_state(region, state);
        Node node = graph_.nodes[at(region.output)];
        node.kind = OpKind::conv;
        node.inputs = {new_index_[at(region.input)]};
        std::vector<int> parts;
        for (const auto& cell : state.cells) {
            std::vector<ConvGeometry> geometries(cell.size());
            std::ranges::transform(cell, geometries.begin(),
                                   [&](int b) { return region.branches[at(b)].geometry; });
            node.conv = sum_geometry(geometries);
            node.name = name_of_cell(region, cell);
            cells_.push_back({node.name, &region, cell});
            parts.push_back(append(node));
        }
        new_index_[at(region.output)] = parts.back();
        if (parts.size() == 1) return;
        Node add = graph_.nodes[at(region.output)];
        add.inputs = parts;
        new_index_[at(region.output)] = append(std::move(add));
    }

    const Graph& graph_;
    std::vector<Region> regions_;
    std::vector<int> new_index_;
    Graph result_;
    std::vector<Cell> cells_;
};

BatchNorm batch_norm_of(const Graph& graph, const Weights& weights, const std::string& name) {
    return {.weight = weights.at(name + ".weight").values,
            .bias = weights.at(name + ".bias").values,
            .mean = weights.at(name + ".running_mean").values,
            .variance = weights.at(name + ".running_var").values,
            .epsilon = graph.batch_norm_epsilon};
}

LinearMap map_of_cell(const Graph& graph, const Weights& weights, const Cell& cell) {
    std::vector<LinearMap> maps(cell.branches.size());
    std::ranges::transform(cell.branches, maps.begin(), [&](int b) {
        return map_of_branch(graph, weights, *cell.region, cell.region->branches[at(b)]);
    });
    return sum(maps);
}

std::vector<float> in_float(const std::vector<double>& values) {
    std::vector<float> result(values.size());
    std::ranges::transform(values, result.begin(), [](double x) { return static_cast<float>(x); });
    return result;
}

void store(const std::string& name, const LinearMap& map, Weights& weights) {
    const ConvGeometry& g = map.geometry;
    weights.arrays[name + ".weight"] = {{g.outputs, g.inputs / g.groups, g.kernel, g.kernel},
                                        in_float(map.weights)};
    weights.arrays[name + ".bias"] = {{g.outputs}, in_float(map.bias)};
}

}  // namespace

Graph reparameterise(const Graph& graph, const RegionStates& states) {
    return Rewriter(graph, states).graph();
}

Model reparameterise(const Graph& graph, const Weights& weights, const RegionStates& states) {
    const Rewriter rewriter(graph, states);
    Model model;
    model.graph = rewriter.graph();
    model.weights.metadata = weights.metadata;
    model.weights.metadata["form"] = "fused";
    for (const Cell& cell : rewriter.cells()) {
        store(cell.name, map_of_cell(graph, weights, cell), model.weights);
    }
    return model;
}

std::map<std::string, LinearMap> reparameterised_maps(const Graph& graph, const Weights& weights,
                                                      const RegionStates& states) {
    const Rewriter rewriter(graph, states);
    std::map<std::string, LinearMap> maps;
    for (const Cell& cell : rewriter.cells()) {
        maps[cell.name] = map_of_cell(graph, weights, cell);
    }
    return maps;
}

LinearMap map_of_branch(const Graph& graph, const Weights& weights, const Region& region,
                        const Branch& branch) {
    LinearMap map = identity_map(graph.nodes[at(region.input)].channels);
    bool is_first = true;
    for (const int index : branch.nodes) {
        const Node& node = graph.nodes[at(index)];
        if (node.kind == OpKind::batch_norm) {
            map = fold(std::move(map), batch_norm_of(graph, weights, node.name));
        } else {
            const std::vector<float> none;
            const LinearMap conv =
                conv_map(node.conv, weights.at(node.name + ".weight").values,
                         node.conv.bias ? weights.at(node.name + ".bias").values : none);
            map = is_first ? conv : compose(map, conv);
        }
        is_first = false;
    }
    return map;
}

}  // namespace caplamp::nn
