// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "nn/graph.hpp"

namespace caplamp::nn {

/// Which traffic counts as bytes. A kernel is what the executable runs as one: a convolution with
/// the batch norm, activation and sum behind it; concatenation and slicing move nothing.
///   kernel     weights, every input read and every output written, of each kernel
///   ideal      weights, and every tensor between kernels once
///   conv_only  as `kernel`, convolutions only
enum class ByteCount { kernel, ideal, conv_only };

struct CostConfig {
    ByteCount count = ByteCount::kernel;
    int bytes_per_number = 4;
};

struct Cost {
    std::int64_t conv_flop = 0;         // two for each multiply-add of a convolution
    std::int64_t elementwise_flop = 0;  // per number: bias 1, batch norm 2, each addition 1
    std::int64_t parameters = 0;        // weights, biases, scale and shift of batch norms
    std::int64_t bytes = 0;
    int kernels = 0;

    Cost& operator+=(const Cost& other);
};

/// Of each node, for one picture.
std::vector<Cost> node_costs(const Graph& graph, Shape input, const CostConfig& config = {});

Cost total(const std::vector<Cost>& costs, int begin, int end);

struct LayerCost {
    std::string layer;
    Part part = Part::backbone;
    Cost cost;
};

/// Of each row of the model's table, in its order.
std::vector<LayerCost> layer_costs(const Graph& graph, Shape input, const CostConfig& config = {});

/// A cut after a layer: what runs before and after, and what crosses.
struct CutCost {
    std::string layer;
    int end = 0;
    std::vector<int> live;
    std::int64_t live_numbers = 0;
    Cost before;
    Cost after;
};

/// After each layer, the last one included.
std::vector<CutCost> cut_costs(const Graph& graph, Shape input, const CostConfig& config = {});

}  // namespace caplamp::nn
