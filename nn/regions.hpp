// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "nn/graph.hpp"

namespace caplamp::nn {

/// A chain of convolutions and batch norms without an activation between; no nodes: the identity.
struct Branch {
    std::string name;        // "k3", "k1", "id"; a second of the same kind is "k3#2"
    std::vector<int> nodes;  // in order
    ConvGeometry geometry;   // of the one convolution that it amounts to
};

/// Branches with one common input whose sum is one value: the unit of re-parameterisation.
struct Region {
    std::string name;   // "2-0" for a RepBlock, "9.cv1" for a plain convolution
    std::string layer;  // the row it came from
    int input = 0;
    int output = 0;  // the sum, or the last node of the only branch
    std::vector<Branch> branches;
};

/// Which branches run merged with which: each cell is executed as one convolution, a branch in no
/// cell is dropped. Written "k3+k1|id": cells between bars, branches of a cell joined by plus.
/// States that drop nothing are exact: the same function up to rounding.
struct BranchState {
    std::vector<std::vector<int>> cells;  // indices of branches, ascending; by their first member
    bool operator==(const BranchState&) const = default;
};

/// All regions of a graph, by their output. Every convolution and batch norm is in one of them.
std::vector<Region> find_regions(const Graph& graph);

/// One cell with all branches.
BranchState merged_state(const Region& region);

bool is_exact(const Region& region, const BranchState& state);

/// Every set partition of every non-empty subset of the branches, Bell(n + 1) - 1 of them: exact
/// ones first, then by the number of cells.
std::vector<BranchState> all_states(const Region& region);

std::string to_text(const Region& region, const BranchState& state);

/// Throws Error when a branch is unknown or named twice, or nothing is named.
BranchState parse_state(const Region& region, std::string_view text);

}  // namespace caplamp::nn
