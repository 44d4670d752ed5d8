// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "nn/graph.hpp"
#include "nn/model_table.hpp"
#include "nn/weights.hpp"
#include "training/parameter_store.hpp"

namespace caplamp::training {

/// Kaiming-normal convolutions (fan out, He et al. 2015); the head's last biases as YOLOv8 begins:
/// box 1, class log(5 / classes / (640 / stride)^2). The same seed gives the same numbers.
void initialise(ParameterStore& store, const nn::Graph& graph, const nn::ModelTable& table,
                std::uint64_t seed);

/// Any tensor as plain row-major floats.
nn::Array to_array(const torch::Tensor& tensor);

/// The store in training form with metadata of the table.
nn::Weights to_weights(const ParameterStore& store, const nn::ModelTable& table,
                       const std::string& provenance);

/// Fills the store from a file. Throws Error unless it fits graph and table.
void load_weights(ParameterStore& store, const nn::Graph& graph, const nn::ModelTable& table,
                  const std::filesystem::path& file);

}  // namespace caplamp::training
