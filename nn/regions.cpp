// SPDX-License-Identifier: Apache-2.0
#include "nn/regions.hpp"

#include <algorithm>
#include <numeric>
#include <optional>

#include "core/error.hpp"
#include "nn/linear_map.hpp"

namespace caplamp::nn {
namespace {

std::size_t at(int index) { return static_cast<std::size_t>(index); }

bool is_linear(const Node& node) {
    return node.kind == OpKind::conv || node.kind == OpKind::batch_norm;
}

ConvGeometry geometry_of(const Node& node) {
    if (node.kind == OpKind::conv) return node.conv;
    return {
        .inputs = node.channels, .outputs = node.channels, .groups = node.channels, .bias = true};
}

std::string without_suffix(std::string name) {
    for (const std::string_view suffix : {".conv", ".bn", ".add"}) {
        if (name.ends_with(suffix)) return name.substr(0, name.size() - suffix.size());
    }
    return name;
}

struct Chain {
    int input = 0;
    Branch branch;
};

class RegionFinder {
public:
    explicit RegionFinder(const Graph& graph)
        : graph_(graph), readers_(graph.nodes.size(), 0), taken_(graph.nodes.size(), false) {
        for (const Node& node : graph.nodes) {
            for (const int input : node.inputs) ++readers_[at(input)];
        }
        for (const int output : graph.outputs) ++readers_[at(output)];
    }

    std::vector<Region> find() {
        for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
            if (graph_.nodes[i].kind == OpKind::add) find_sum(static_cast<int>(i));
        }
        // Backwards, so that a chain is found from its end and whole.
        for (std::size_t i = graph_.nodes.size(); i-- > 0;) {
            if (is_linear(graph_.nodes[i]) && !taken_[i]) find_chain(static_cast<int>(i));
        }
        std::ranges::sort(regions_, {}, &Region::output);
        return std::move(regions_);
    }

private:
    const Node& node(int index) const { return graph_.nodes[at(index)]; }

    /// Back from a value as far as everything is linear and read by nobody else.
    Chain trace(int last) const {
        Chain chain{last, {"id", {}, {}}};
        Branch& branch = chain.branch;
        branch.geometry = {.inputs = node(last).channels,
                           .outputs = node(last).channels,
                           .groups = node(last).channels};
        while (is_linear(node(chain.input)) && !taken_[at(chain.input)]) {
            const bool begins = branch.nodes.empty();
            if (!begins && readers_[at(chain.input)] != 1) break;
            const ConvGeometry earlier = geometry_of(node(chain.input));
            if (!begins && !composes_exactly(earlier, branch.geometry)) break;
            branch.geometry = begins ? earlier : composed_geometry(earlier, branch.geometry);
            branch.nodes.insert(branch.nodes.begin(), chain.input);
            chain.input = node(chain.input).inputs[0];
        }
        const bool has_conv =
            std::ranges::any_of(branch.nodes, [&](int n) { return node(n).kind == OpKind::conv; });
        if (has_conv) branch.name = std::string("k").append(std::to_string(branch.geometry.kernel));
        return chain;
    }

    /// An operand of the sum that somebody else reads too is not the region's to change.
    Chain trace_operand(int operand) const {
        if (readers_[at(operand)] == 1) return trace(operand);
        const int channels = node(operand).channels;
        return {operand, {"id", {}, {.inputs = channels, .outputs = channels, .groups = channels}}};
    }

    void find_sum(int sum) {
        Region region{without_suffix(node(sum).name), node(sum).layer, 0, sum, {}};
        std::vector<ConvGeometry> geometries;
        std::optional<int> input;
        for (const int operand : node(sum).inputs) {
            Chain chain = trace_operand(operand);
            if (input.value_or(chain.input) != chain.input) return;
            input = chain.input;
            geometries.push_back(chain.branch.geometry);
            region.branches.push_back(std::move(chain.branch));
        }
        if (!can_be_summed(geometries)) return;
        region.input = *input;
        number_names(region);
        add(std::move(region));
    }

    void find_chain(int last) {
        Chain chain = trace(last);
        std::string name = without_suffix(node(chain.branch.nodes.front()).name);
        Region region{std::move(name), node(last).layer, chain.input, last, {}};
        region.branches.push_back(std::move(chain.branch));
        add(std::move(region));
    }

    static void number_names(Region& region) {
        for (std::size_t i = 0; i < region.branches.size(); ++i) {
            std::string& name = region.branches[i].name;
            const std::string kind = name;
            for (int number = 2; is_name_taken(region, i); ++number) {
                name = std::string(kind).append("#").append(std::to_string(number));
            }
        }
    }

    static bool is_name_taken(const Region& region, std::size_t branch) {
        const auto end = region.branches.begin() + static_cast<std::ptrdiff_t>(branch);
        return std::find_if(region.branches.begin(), end, [&](const Branch& other) {
                   return other.name == region.branches[branch].name;
               }) != end;
    }

    void add(Region region) {
        for (const Branch& branch : region.branches) {
            for (const int n : branch.nodes) taken_[at(n)] = true;
        }
        regions_.push_back(std::move(region));
    }

    const Graph& graph_;
    std::vector<int> readers_;
    std::vector<bool> taken_;
    std::vector<Region> regions_;
};

/// Puts branch after branch into each cell there is, a new one, or none.
void extend(int branch, int branches, BranchState& state, std::vector<BranchState>& found) {
    if (branch == branches) {
        if (!state.cells.empty()) found.push_back(state);
        return;
    }
    for (std::size_t cell = 0; cell < state.cells.size(); ++cell) {
        state.cells[cell].push_back(branch);
        extend(branch + 1, branches, state, found);
        state.cells[cell].pop_back();
    }
    state.cells.push_back({branch});
    extend(branch + 1, branches, state, found);
    state.cells.pop_back();
    extend(branch + 1, branches, state, found);
}

std::size_t kept_branches(const BranchState& state) {
    std::size_t kept = 0;
    for (const auto& cell : state.cells) kept += cell.size();
    return kept;
}

int branch_named(const Region& region, std::string_view name, std::string_view text) {
    const auto found = std::ranges::find(region.branches, name, &Branch::name);
    if (found != region.branches.end()) return static_cast<int>(found - region.branches.begin());
    std::string known;
    for (const Branch& branch : region.branches) known.append(" ").append(branch.name);
    throw Error("branch state \"" + std::string(text) + "\" of " + region.name + ": \"" +
                std::string(name) + "\" is none of its branches:" + known);
}

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    while (true) {
        const std::size_t end = text.find(separator);
        parts.push_back(text.substr(0, end));
        if (end == text.npos) return parts;
        text.remove_prefix(end + 1);
    }
}

}  // namespace

std::vector<Region> find_regions(const Graph& graph) { return RegionFinder(graph).find(); }

BranchState merged_state(const Region& region) {
    std::vector<int> all(region.branches.size());
    std::iota(all.begin(), all.end(), 0);
    return {{all}};
}

bool is_exact(const Region& region, const BranchState& state) {
    return kept_branches(state) == region.branches.size();
}

std::vector<BranchState> all_states(const Region& region) {
    std::vector<BranchState> states;
    BranchState state;
    extend(0, static_cast<int>(region.branches.size()), state, states);
    std::ranges::stable_sort(states, [&](const BranchState& a, const BranchState& b) {
        if (is_exact(region, a) != is_exact(region, b)) return is_exact(region, a);
        return a.cells.size() < b.cells.size();
    });
    return states;
}

std::string to_text(const Region& region, const BranchState& state) {
    std::string text;
    for (const auto& cell : state.cells) {
        if (!text.empty()) text += '|';
        for (std::size_t i = 0; i < cell.size(); ++i) {
            if (i > 0) text += '+';
            text += region.branches[at(cell[i])].name;
        }
    }
    return text;
}

BranchState parse_state(const Region& region, std::string_view text) {
    BranchState state;
    std::vector<bool> named(region.branches.size(), false);
    for (const std::string_view cell : split(text, '|')) {
        state.cells.emplace_back();
        for (const std::string_view name : split(cell, '+')) {
            const int branch = branch_named(region, name, text);
            if (named[at(branch)]) {
                throw Error("branch state \"" + std::string(text) + "\" of " + region.name +
                            " names " + std::string(name) + " twice");
            }
            named[at(branch)] = true;
            state.cells.back().push_back(branch);
        }
        std::ranges::sort(state.cells.back());
    }
    std::ranges::sort(state.cells);
    return state;
}

}  // namespace caplamp::nn
