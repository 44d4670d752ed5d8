// SPDX-License-Identifier: Apache-2.0
#include "app/split_plan.hpp"

#include <optional>

#include "app/calibrate.hpp"
#include "app/cuts.hpp"
#include "core/error.hpp"

namespace caplamp::app {

SplitPlan make_plan(const Model& model, const PlanWords& words) {
    const auto codec = transport::parse_codec(words.codec);
    if (!codec) throw Error("codec: " + words.codec + " is none; see caplamp terminal --help");
    SplitPlan plan{.cut = name_of_cut(model, words.cut),
                   .codec = *codec,
                   .jpeg_quality = words.jpeg_quality,
                   .scales = nullptr};
    if (plan.cut == "jpeg" || !codec->needs_scales()) return plan;
    const std::filesystem::path file =
        words.scales.empty() ? scales_beside(model.weights_file) : words.scales;
    const auto values = nn::live_values(model.graph, model.graph.end_of_layer(plan.cut));
    std::optional<transport::ScaleTable> table = load_scales(file, model).table(values, *codec);
    if (!table) throw Error(file.string() + ": has no scales for " + words.codec);
    plan.scales = std::make_shared<const transport::ScaleTable>(std::move(*table));
    return plan;
}

void check_plan(const Model& model, const SplitPlan& plan) {
    if (plan.cut == "jpeg") return;
    const int end = model.graph.end_of_layer(plan.cut);
    if (!plan.codec.needs_scales()) return;
    const std::size_t tensors = nn::live_values(model.graph, end).size();
    if (plan.scales == nullptr || !fits(*plan.scales, plan.codec) ||
        plan.scales->tensors.size() != tensors) {
        throw Error("codec " + to_string(plan.codec) + ": no scales for the cut " + plan.cut);
    }
}

}  // namespace caplamp::app
