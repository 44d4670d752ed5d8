// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/tensor.hpp"
#include "nn/model_table.hpp"

namespace caplamp::nn {

enum class OpKind { input, conv, batch_norm, silu, relu, add, concat, slice, max_pool, upsample };
std::string_view to_string(OpKind kind);

/// Geometry of a convolution. Weights are [outputs, inputs / groups, kernel, kernel].
struct ConvGeometry {
    int inputs = 0;
    int outputs = 0;
    int kernel = 1;
    int stride = 1;
    int padding = 0;
    int groups = 1;
    bool bias = false;
    bool operator==(const ConvGeometry&) const = default;
};

/// One operation; its only result is the value with the node's own index (SSA form).
/// Arrays it needs are named after it: NAME.weight and NAME.bias for conv; NAME.weight, NAME.bias,
/// NAME.running_mean and NAME.running_var for batch_norm.
struct Node {
    OpKind kind = OpKind::input;
    std::string name;   // unique: "2-0.k3.conv"
    std::string layer;  // the row it came from: "2-0"; empty for the input
    Part part = Part::backbone;
    std::vector<int> inputs;  // values, all with a smaller index
    ConvGeometry conv;        // conv
    int channels = 0;         // of the result, for every kind
    int slice_begin = 0;      // slice: first channel
    int pool_kernel = 0;      // max_pool: stride 1, padded with -infinity to keep the size
    int factor = 0;           // upsample: nearest neighbour
};

/// A network in topological order; node 0 is the picture (RGB, 0..1).
/// `outputs` holds the head's raw maps, per scale box bins then class logits.
struct Graph {
    std::string model;  // name of the table
    std::vector<Node> nodes;
    std::vector<int> outputs;
    double batch_norm_epsilon = 1e-3;

    /// One past the last node of a layer, so that [0, end_of_layer(x)) is the cut after x.
    /// A stage's number stands for its last layer: "4" means "4-5". Throws Error if there is none.
    int end_of_layer(std::string_view layer) const;
    /// Where the neck begins: the backbone is [0, backbone_end()).
    int backbone_end() const;
    /// The node of that name, or -1.
    int find(std::string_view name) const;
};

/// The training form: every branch with its own batch norm. `classes` > 0 replaces the number of
/// classes of the table.
Graph build_graph(const ModelTable& table);

/// Shapes of all values for one input picture. Throws Error when the sides do not fit the strides.
std::vector<Shape> infer_shapes(const Graph& graph, Shape input);

/// Values that a reader of nodes [end, size) needs from nodes [0, end), in ascending order: what
/// crosses a cut. Outputs already computed cross too.
std::vector<int> live_values(const Graph& graph, int end);

}  // namespace caplamp::nn
