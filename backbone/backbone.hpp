// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "core/tensor.hpp"
#include "nn/executable.hpp"
#include "nn/graph.hpp"
#include "nn/weights.hpp"

namespace caplamp::backbone {

struct BackboneConfig {
    Shape picture;    // of the letterboxed picture
    std::string cut;  // last layer on this side; empty: the whole backbone
    int threads = 1;
};

/// Everything before a cut: a letterboxed picture to the tensors that live across the cut.
class Backbone {
public:
    /// `graph` and `weights` as nn::Executable takes them. Throws Error when the picture does not
    /// fit the strides or no layer is called `cut`.
    Backbone(const nn::Graph& graph, const nn::Weights& weights, const BackboneConfig& config);

    /// Where to write the picture before run(): RGB planes of 0..1.
    MutableTensorView picture() { return executable_.input(0); }
    /// The graph's values that run() returns, in its order.
    const std::vector<int>& feature_values() const { return executable_.output_values(); }
    /// Valid until the next call.
    const std::vector<TensorView>& run();

private:
    nn::Executable executable_;
    std::vector<TensorView> features_;
};

}  // namespace caplamp::backbone
