// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "nn/weights.hpp"

namespace caplamp::nn {

/// Weights for tests and benches where nobody has trained any: convolutions after He et al. 2015,
/// batch norms as a trained network might have them, scaled so that the maps neither fade nor
/// explode. The same seed gives the same numbers.
Weights random_weights(const Graph& graph, std::uint32_t seed);

}  // namespace caplamp::nn
