// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <oneapi/dnnl/dnnl.hpp>
#include <span>
#include <vector>

#include "nn/graph.hpp"
#include "nn/weights.hpp"

namespace caplamp::bench {

/// The rival: a fused network written straight down as a chain of oneDNN primitives, with what its
/// manual advises. Blocked layouts fixed for the inside, weights packed once, activations fused,
/// Winograd with the SiLU split off where the library has it, slices as views. No planner, no
/// layout sharing: every map has its own memory, concatenation is a primitive.
class PlainOneDnn {
public:
    PlainOneDnn(const nn::Graph& graph, const nn::Weights& weights, Shape input);

    std::span<float> input();
    void run();
    std::vector<std::vector<float>> outputs() const;

private:
    struct Call {
        dnnl::primitive primitive;
        std::unordered_map<int, dnnl::memory> arguments;
    };
    struct Plan;

    dnnl::engine engine_{dnnl::engine::kind::cpu, 0};
    dnnl::stream stream_{engine_};
    std::vector<Call> calls_;
    dnnl::memory input_;
    std::vector<dnnl::memory> outputs_;
};

}  // namespace caplamp::bench
