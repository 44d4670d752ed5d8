// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <vector>

#include "nn/graph.hpp"
#include "nn/model_table.hpp"
#include "training/batch.hpp"
#include "training/torch.hpp"

namespace caplamp::training {

nn::ModelTable tiny_table();

/// Random pictures of side `size`, each with a few boxes; everything labelled. Same seed, same
/// batch.
Batch random_batch(int pictures, int size, std::uint64_t seed);

/// Random head outputs for `tiny_table`, as leaves that want gradients.
std::vector<torch::Tensor> random_outputs(int pictures, int size, std::uint64_t seed);

/// The largest |a - b|.
double farthest(const torch::Tensor& a, const torch::Tensor& b);

/// Compares autograd's gradient of `value` with central differences at `samples` places of `leaf`
/// (double). Returns the largest error, relative to the largest gradient (1e-3 at least).
double gradient_error(const std::function<torch::Tensor()>& value, torch::Tensor& leaf,
                      int samples);

}  // namespace caplamp::training
