// SPDX-License-Identifier: Apache-2.0
#include "app/cuts.hpp"

#include <algorithm>

#include "nn/costs.hpp"

namespace caplamp::app {

std::vector<std::string> cuts_of(const Model& model) {
    std::vector<std::string> result;
    for (const nn::LayerRow& row : model.table.rows) {
        if (row.part == nn::Part::backbone) result.push_back(row.layer);
    }
    result.emplace_back("jpeg");
    return result;
}

std::string name_of_cut(const Model& model, const std::string& word) {
    if (word == "jpeg") return word;
    if (word != "auto") {
        const int end = model.graph.end_of_layer(word);
        return model.graph.nodes[static_cast<std::size_t>(end - 1)].layer;
    }
    const int side = model.table.multiple_of();
    std::vector<nn::CutCost> cuts = nn::cut_costs(model.graph, {3, side, side});
    std::erase_if(cuts, [&](const nn::CutCost& cut) {
        return cut.end > model.graph.backbone_end() || cut.end == 0;
    });
    return std::ranges::min_element(cuts, {}, &nn::CutCost::live_numbers)->layer;
}

}  // namespace caplamp::app
