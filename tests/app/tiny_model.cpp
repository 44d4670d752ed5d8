// SPDX-License-Identifier: Apache-2.0
#include "tests/app/tiny_model.hpp"

#include <limits>

#include "nn/random_weights.hpp"

namespace caplamp::test {
namespace {

nn::Weights tiny_weights() {
    const nn::ModelTable table = nn::ModelTable::load(tiny_table);
    nn::Weights weights = nn::random_weights(nn::build_graph(table), 1);
    weights.metadata["model"] = table.name;
    weights.metadata["model_hash"] = table.hash();
    weights.metadata["classes"] = "helmet,head,person";
    return weights;
}

}  // namespace

void write_tiny_weights(const std::filesystem::path& file) {
    nn::write_weights(file, tiny_weights(), nn::StorageType::f32);
}

void write_tiny_weights_with_nan(const std::filesystem::path& file) {
    nn::Weights weights = tiny_weights();
    weights.arrays.begin()->second.values[0] = std::numeric_limits<float>::quiet_NaN();
    nn::write_weights(file, weights, nn::StorageType::f32);
}

}  // namespace caplamp::test
