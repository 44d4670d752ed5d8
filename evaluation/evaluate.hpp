// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "evaluation/bootstrap.hpp"
#include "evaluation/picture_result.hpp"
#include "evaluation/protocol.hpp"

namespace caplamp::evaluation {

struct EvaluationConfig {
    Protocol protocol = Protocol::coco;
    double match_iou = 0.5;         // from this overlap on a truth is hit
    double operating_score = 0.25;  // at which precision and recall are reported
    int bootstrap_rounds = 1000;    // 0: no intervals
    std::uint64_t seed = 1;
};

/// Nothing where a number has no meaning: a class without truth has no average precision.
struct SizeResult {
    std::string name;  // "area small", "height under 16", ...
    int instances = 0;
    std::optional<double> ap;
};

struct ClassResult {
    std::string name;
    int pictures = 0;   // that label the class
    int instances = 0;  // truths that count
    std::optional<double> ap;
    std::optional<double> ap50_95;  // mean over IoU 0.50, 0.55 ... 0.95
    std::optional<Interval> interval;
    std::optional<double> precision;  // at the operating score; nothing when nothing was found
    std::optional<double> recall;
    std::vector<SizeResult> by_size;
};

struct EvaluationResult {
    EvaluationConfig config;
    int pictures = 0;
    int instances = 0;
    std::optional<double> map;  // mean over the classes that have an average precision
    std::optional<double> map50_95;
    std::optional<Interval> interval;
    std::vector<ClassResult> classes;  // those that some picture labels, in class order
    std::vector<SizeResult> by_size;
};

/// Scores the detections of `pictures`, whose class ids count into `names`. Sizes are in source
/// pixels: by area small < 32^2 <= medium < 96^2 <= large (COCO), and by height.
/// Throws Error for what cannot be scored: a score or box that is not finite, a negative size, an
/// unknown class, a mask of another length, a config out of range.
EvaluationResult evaluate(std::span<const PictureResult> pictures,
                          std::span<const std::string> names, const EvaluationConfig& config = {});

/// The mean over the classes alone, and nothing else worked out. Throws Error as above.
std::optional<double> mean_average_precision(std::span<const PictureResult> pictures,
                                             std::span<const std::string> names, Protocol protocol,
                                             double match_iou = 0.5);

}  // namespace caplamp::evaluation
