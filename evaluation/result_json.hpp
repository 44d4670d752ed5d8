// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>
#include <optional>

#include "evaluation/evaluate.hpp"

namespace caplamp::evaluation {

/// How the detections were made, where that is known: without it an AP cannot be compared.
struct DetectionSettings {
    std::optional<double> score;  // detections below it were dropped
    std::optional<double> iou;    // of the non-maximum suppression
};

/// The result as docs/evaluation.md describes it: protocol, map50, classes.<name>.ap50,
/// classes.<name>.instances, images, score, iou and more. What has no value is null.
nlohmann::ordered_json to_json(const EvaluationResult& result, const DetectionSettings& settings);

}  // namespace caplamp::evaluation
