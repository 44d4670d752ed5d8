// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "app/model.hpp"
#include "transport/codec.hpp"

namespace caplamp::app {

/// How a frame is divided between terminal and server.
struct SplitPlan {
    std::string cut = "4-5";   // a layer of the table, or "jpeg"
    transport::Codec codec{};  // of the tensors
    int jpeg_quality = 90;     // of the cut "jpeg"
    std::shared_ptr<const transport::ScaleTable>
        scales{};  // shared with frames on the way; or null
};

/// What a user asks for.
struct PlanWords {
    std::string cut = "auto";   // auto, jpeg or a layer of the model's table
    std::string codec = "f16";  // of the features
    int jpeg_quality = 90;
    std::filesystem::path scales{};  // empty: NAME.scales beside the weights
};

/// Reads the scales file if the codec needs one. Throws Error for a cut or codec that is none, or
/// scales that are missing or another model's.
SplitPlan make_plan(const Model& model, const PlanWords& words);

/// Throws Error when the model cannot be cut so, or the scales are not the cut's.
void check_plan(const Model& model, const SplitPlan& plan);

}  // namespace caplamp::app
