// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "evaluation/evaluate.hpp"
#include "evaluation/result_json.hpp"

namespace caplamp::app {

/// What a reader must know to compare the numbers with others.
struct EvaluationSubject {
    std::string data;     // "data.yaml, split val"
    std::string labels;   // empty: the set's own
    std::string model;    // empty: the detections came from a file
    std::string weights;  // or the file of detections
    int size = 0;
    evaluation::DetectionSettings settings;
    std::vector<std::string> left_out;  // classes that the set does not label
    std::map<std::string, std::optional<double>> other_protocols;  // name to mAP
};

/// The tables for a person.
std::string evaluation_table(const evaluation::EvaluationResult& result,
                             const EvaluationSubject& subject);

/// The same for a program: docs/evaluation.md.
nlohmann::ordered_json evaluation_json(const evaluation::EvaluationResult& result,
                                       const EvaluationSubject& subject);

}  // namespace caplamp::app
