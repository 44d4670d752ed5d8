// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "nn/graph.hpp"

namespace caplamp::nn {

/// A named block of numbers, row-major.
struct Array {
    std::vector<int> shape;
    std::vector<float> values;
};

/// Everything a weights file holds. Metadata keys are on docs/weights-format.md:
/// model, model_hash, classes (comma separated), form (training|fused), provenance, licence.
struct Weights {
    std::map<std::string, Array> arrays;
    std::map<std::string, std::string> metadata;

    /// Throws Error when the array is missing.
    const Array& at(const std::string& name) const;
};

enum class StorageType { f32, f16 };

/// Reads a safetensors file (f32, f16, bf16 or f64 arrays, all turned into floats). A truncated,
/// overlapping or hostile file throws Error with the file's name and what is wrong; nothing that
/// the header claims is believed before it is checked against the file's size.
Weights read_weights(const std::filesystem::path& file);

/// Writes beside the target and renames, so that a reader never sees half a file. Throws Error.
void write_weights(const std::filesystem::path& file, const Weights& weights, StorageType type);

/// What a graph needs of a weights file, by name and shape.
std::map<std::string, std::vector<int>> arrays_of(const Graph& graph);

/// Throws Error (naming `file`) unless every array the graph names is there with its shape, all
/// numbers are finite and no variance is negative, and the model hash, if stated, fits the table.
void check_weights(const Weights& weights, const Graph& graph, const ModelTable& table,
                   const std::filesystem::path& file);

}  // namespace caplamp::nn
