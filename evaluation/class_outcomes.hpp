// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "evaluation/average_precision.hpp"
#include "evaluation/matching.hpp"
#include "evaluation/picture_result.hpp"

namespace caplamp::evaluation {

/// What is asked of the detections of a class: from which overlap on is a truth hit, and which
/// sizes count.
struct Question {
    double iou = 0.5;
    SizeRange range;
};

struct Answer {
    std::vector<Verdict> verdicts;  // one a detection, in the order of ClassOutcomes
    std::vector<int> truths;        // that could have been hit, one a picture
};

/// All detections of one class over all pictures that label it, best score first (equal scores in
/// picture order), judged once for each question.
struct ClassOutcomes {
    std::vector<float> scores;
    std::vector<std::uint32_t> pictures;  // where each detection was made
    std::vector<Answer> answers;          // one a question
};

ClassOutcomes judge_class(std::span<const PictureResult> pictures, int class_id, Protocol protocol,
                          std::span<const Question> questions);

Curve curve_of(const Answer& answer);

}  // namespace caplamp::evaluation
