// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/tensor.hpp"
#include "nn/graph.hpp"
#include "nn/weights.hpp"

namespace caplamp::nn {

struct ExecutableConfig {
    Shape input;    // of the picture, also for a slice that begins later
    int begin = 0;  // first node of the slice
    int end = -1;   // one past its last node; -1: the whole graph
    int threads = 1;
    std::string kernel{};  // force this row of the kernel table where it applies; empty: best first
};

/// A slice of a graph compiled for one picture size: kernels and layouts chosen once, every buffer
/// planned once by liveness, nothing allocated by run(). Not thread-safe; one thread at a time.
class Executable {
public:
    /// Throws Error when the shape does not fit the strides or the kernel is unknown.
    Executable(const Graph& graph, const Weights& weights, const ExecutableConfig& config);
    ~Executable();
    Executable(Executable&&) noexcept;
    Executable& operator=(Executable&&) noexcept;

    /// The values that enter and leave the slice (indices of graph nodes), ascending: the picture
    /// or the live values at `begin`; the live values at `end`, or the graph's outputs in their own
    /// order when the slice reaches the end.
    const std::vector<int>& input_values() const;
    const std::vector<int>& output_values() const;

    /// Where to write input i before run(), plain channel-row-column floats.
    MutableTensorView input(std::size_t i);
    void run();
    /// Output i of the last run(); valid until the next.
    TensorView output(std::size_t i) const;

    /// Bytes of activations and of packed weights that this executable holds.
    std::size_t activation_bytes() const;
    std::size_t weight_bytes() const;
    /// One line per step: layer, kernel chosen, milliseconds of the last run (if timed), for
    /// people.
    std::vector<std::string> describe() const;

private:
    struct Plan;
    std::unique_ptr<Plan> plan_;
};

}  // namespace caplamp::nn
