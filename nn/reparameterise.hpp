// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "nn/linear_map.hpp"
#include "nn/regions.hpp"
#include "nn/weights.hpp"

namespace caplamp::nn {

/// By the region's name. A region that is not named is fully merged.
using RegionStates = std::map<std::string, BranchState>;

struct Model {
    Graph graph;
    Weights weights;
};

/// The same network with every region in its state: each cell one convolution with bias, cells
/// added where there are several. Layers keep their names, so that cuts by layer stay what they
/// are. Throws Error when a state names no region or does not fit it.
Graph reparameterise(const Graph& graph, const RegionStates& states = {});

/// The same with the weights, which must be those of the graph (check_weights). Computed in double.
Model reparameterise(const Graph& graph, const Weights& weights, const RegionStates& states = {});

/// The convolutions of that network before they are rounded to float, by node name.
std::map<std::string, LinearMap> reparameterised_maps(const Graph& graph, const Weights& weights,
                                                      const RegionStates& states = {});

/// The one convolution that a branch amounts to.
LinearMap map_of_branch(const Graph& graph, const Weights& weights, const Region& region,
                        const Branch& branch);

}  // namespace caplamp::nn
