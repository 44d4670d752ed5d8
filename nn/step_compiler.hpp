// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "nn/graph.hpp"
#include "nn/kernels/choose.hpp"
#include "nn/lowering.hpp"
#include "nn/storage.hpp"
#include "nn/weights.hpp"

namespace caplamp::nn {

struct CompiledStep {
    Step step;
    ChosenKernel chosen;
};

struct CompileContext {
    const Graph& graph;
    const Weights& weights;
    int threads = 1;
    std::string_view kernel;  // forced row, or empty
};

/// A kernel for every step of the program. Where no row takes a convolution's layouts, reorders to
/// and from plain are put around it; their values are appended to the program and to the places.
/// Throws Error when an array is missing or has the wrong size.
std::vector<CompiledStep> compile_steps(Program& program, std::vector<Place>& places,
                                        const CompileContext& context);

}  // namespace caplamp::nn
