// SPDX-License-Identifier: Apache-2.0
#include "app/layer_walk.hpp"

#include <algorithm>

namespace caplamp::app {

LayerWalk::LayerWalk(const Model& model, Shape picture) {
    int begin = 0;
    for (const nn::LayerRow& row : model.table.rows) {
        if (row.part != nn::Part::backbone) continue;
        const int end = model.graph.end_of_layer(row.layer);
        slices_.emplace_back(model.graph, model.weights,
                             nn::ExecutableConfig{.input = picture, .begin = begin, .end = end});
        begin = end;
    }
}

void LayerWalk::run(const std::function<void(int value, TensorView numbers)>& see) {
    for (std::size_t i = 0; i < slices_.size(); ++i) {
        nn::Executable& slice = slices_[i];
        slice.run();
        const std::vector<int>& before = slice.input_values();
        for (std::size_t k = 0; k < slice.output_values().size(); ++k) {
            const int value = slice.output_values()[k];
            const TensorView numbers = slice.output(k);
            if (std::ranges::find(before, value) == before.end()) see(value, numbers);
            // What leaves one slice enters the next one, in the same order.
            if (i + 1 < slices_.size()) {
                std::ranges::copy(numbers.data(), slices_[i + 1].input(k).data().begin());
            }
        }
    }
}

}  // namespace caplamp::app
