// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <vector>

#include "core/tensor.hpp"
#include "nn/graph.hpp"
#include "nn/kernels/kernel.hpp"
#include "nn/kernels/layout.hpp"

namespace caplamp::nn {

enum class StepKind { conv, affine, activation, add, copy, max_pool, upsample, reorder };
std::string_view to_string(StepKind kind);

/// One kernel call of a slice. Several steps may write one value: convolutions that accumulate,
/// and copies into different channels of a concatenation.
struct Step {
    StepKind kind = StepKind::conv;
    int node = 0;  // of the graph: whose weights and geometry
    std::vector<int> inputs;
    int output = 0;
    Activation activation = Activation::none;
    bool accumulate = false;
    int from_channel = 0;  // copy
    int to_channel = 0;    // copy
    int channels = 0;      // copy
};

struct Value {
    Shape shape;
    Layout layout = Layout::plain;
};

/// A slice as straight-line code. Values are numbered as the graph's nodes, further ones follow.
struct Program {
    std::vector<Value> values;
    std::vector<Step> steps;
    std::vector<int> input_nodes;   // what enters, as nodes of the graph, ascending
    std::vector<int> inputs;        // the plain values that the caller fills, one for each of those
    std::vector<int> output_nodes;  // what leaves, as nodes
    std::vector<int> outputs;       // the plain values that the caller reads

    int add_value(Shape shape, Layout layout);
};

/// Nodes [begin, end) as steps. A convolution takes in the bias, the addition of the other
/// convolutions of its sum and the activation behind it, where nobody else reads what lies
/// between. All maps get `inside` as their layout, except for the picture and for what enters and
/// leaves the slice, which are plain: the same layer has the same layouts in every slice, and
/// therefore the same kernel and the same bits.
Program lower(const Graph& graph, const std::vector<Shape>& shapes, int begin, int end,
              Layout inside);

}  // namespace caplamp::nn
