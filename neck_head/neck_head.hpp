// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/detection.hpp"
#include "neck_head/decode.hpp"
#include "neck_head/nms.hpp"
#include "nn/executable.hpp"
#include "nn/graph.hpp"
#include "nn/model_table.hpp"
#include "nn/weights.hpp"

namespace caplamp::neck_head {

/// The defaults are those of a running detector.
struct PostConfig {
    DecodeConfig decode;
    NmsConfig nms;

    /// What Ultralytics evaluates with: score 0.001, every class above it, IoU 0.7, 300 boxes.
    static PostConfig evaluation();
};

/// Raw maps to the final boxes in letterboxed pixels. Keeps its candidate list between frames.
class PostProcess {
public:
    explicit PostProcess(HeadLayout layout);
    /// Valid until the next call.
    const Detections& run(std::span<const TensorView> maps, const PostConfig& config);

private:
    HeadLayout layout_;
    Detections boxes_;
};

struct NeckHeadConfig {
    Shape picture;    // of the letterboxed picture the features come from
    std::string cut;  // last layer on the other side; empty: the whole backbone
    int threads = 1;
};

/// The network after a cut: features to the head's raw maps, which PostProcess reads.
class NeckHead {
public:
    /// `graph` and `weights` as nn::Executable takes them. Throws Error when the picture does not
    /// fit the strides or no layer is called `cut`.
    NeckHead(const nn::Graph& graph, const nn::Weights& weights, const NeckHeadConfig& config);

    /// The graph's values that run() wants, in its order.
    const std::vector<int>& feature_values() const { return executable_.input_values(); }
    /// Where to write the i-th of them before run().
    MutableTensorView feature(std::size_t i) { return executable_.input(i); }
    /// Valid until the next call.
    std::span<const TensorView> run();

private:
    nn::Executable executable_;
    std::vector<TensorView> maps_;
};

}  // namespace caplamp::neck_head
