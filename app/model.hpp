// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "nn/graph.hpp"
#include "nn/model_table.hpp"
#include "nn/weights.hpp"

namespace caplamp::app {

/// A network ready to be compiled: its table and the graph and weights with all branches merged.
struct Model {
    nn::ModelTable table;
    nn::Graph graph;
    nn::Weights weights;
    std::filesystem::path weights_file;
    std::vector<std::string> classes;  // as the weights name them, else as the table does
};

/// Reads both files; an empty `weights` means NAME.safetensors beside the table, NAME being the
/// table's. Throws Error when one is missing or damaged, or when the weights are another model's.
Model load_model(const std::filesystem::path& table, const std::filesystem::path& weights);

}  // namespace caplamp::app
