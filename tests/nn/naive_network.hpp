// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "nn/graph.hpp"
#include "nn/weights.hpp"

namespace caplamp::nn {

/// The slowest and plainest way to run a graph: loops in double, no layout, no fusion.
using Doubles = std::vector<double>;
using DoubleArrays = std::map<std::string, Doubles>;

DoubleArrays in_double(const Weights& weights);

/// One value of every node, channel-row-column.
std::vector<Doubles> evaluate(const Graph& graph, const DoubleArrays& arrays, Shape input,
                              const Doubles& picture);

/// The convolution alone; what lies outside the picture counts as `outside[channel]`, or 0 when
/// that is empty.
Doubles convolve(const ConvGeometry& geometry, const Doubles& weights, const Doubles& bias,
                 Shape input, const Doubles& values, const Doubles& outside = {});

Doubles random_values(std::size_t count, unsigned seed);

/// The largest difference over the largest magnitude of `b`; infinite when a number is not finite
/// or the sizes differ.
double relative_error(const Doubles& a, const Doubles& b);

}  // namespace caplamp::nn
