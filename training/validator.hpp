// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "evaluation/evaluate.hpp"
#include "nn/graph.hpp"
#include "nn/model_table.hpp"
#include "training/augmentation.hpp"
#include "training/detections.hpp"
#include "training/parameter_store.hpp"

namespace caplamp::training {

struct ValidatorConfig {
    int size = 640;
    int batch = 8;
    int workers = 1;
    DetectionConfig detection;
};

/// Average precision of a network on validation pictures (COCO's protocol).
class Validator {
public:
    /// `sets` and `cache` must outlive it, and so must graph and table.
    Validator(const nn::Graph& graph, const nn::ModelTable& table, const ValidatorConfig& config,
              const std::vector<DataSet>& sets, const PictureCache& cache, torch::Device device);

    std::size_t pictures() const { return source_.size(); }
    evaluation::EvaluationResult run(const ParameterStore& store) const;

private:
    void score_batch(const ParameterStore& store, std::size_t first,
                     std::vector<evaluation::PictureResult>& results) const;

    const nn::Graph& graph_;
    const nn::ModelTable& table_;
    ValidatorConfig config_;
    ValidationSource source_;
};

/// The sets that `specifications` name as data.yaml[:labels] (or those of `data` that have a
/// `val`), thinned evenly to `most` pictures. Labels of a folder of their own count for all
/// classes, and only pictures that have one are taken. Throws Error and ConfigError.
std::vector<DataSet> validation_sets(const std::vector<std::string>& specifications,
                                     const std::vector<std::string>& data,
                                     const std::vector<std::string>& classes, std::size_t most);

}  // namespace caplamp::training
