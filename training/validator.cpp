// SPDX-License-Identifier: Apache-2.0
#include "training/validator.hpp"

#include <atomic>

#include "core/config_node.hpp"
#include "core/error.hpp"
#include "training/graph_module.hpp"
#include "training/precision.hpp"
#include "training/replicas.hpp"

namespace caplamp::training {
namespace {

evaluation::PictureResult judged(const ValidationPicture& picture, const Detections& found) {
    evaluation::PictureResult result;
    result.labelled = picture.labelled;
    for (const Detection& truth : picture.truth) {
        result.truths.push_back({.class_id = truth.class_id, .box = truth.box});
    }
    for (const Detection& detection : found) {
        result.detections.push_back(
            {detection.class_id, detection.score, picture.to_source(detection.box)});
    }
    return result;
}

DataSet read_specified(const std::string& specification, const std::vector<std::string>& classes) {
    const std::size_t colon = specification.rfind(':');
    DataSetOptions options;
    options.split = "val";
    if (colon == std::string::npos) return read_data_set(specification, classes, options);
    const std::filesystem::path yaml = specification.substr(0, colon);
    std::filesystem::path labels = specification.substr(colon + 1);
    if (labels.is_relative()) labels = yaml.parent_path() / labels;
    if (!std::filesystem::is_directory(labels)) throw Error(labels.string() + ": is no folder");
    options.labels = labels;
    options.only_labelled_pictures = true;
    DataSet set = read_data_set(yaml, classes, options);
    set.labelled.assign(classes.size(), true);
    return set;
}

/// Every k-th picture over all sets, so that about `most` are left.
void thin(std::vector<DataSet>& sets, std::size_t most) {
    std::size_t total = 0;
    for (const DataSet& set : sets) total += set.samples.size();
    if (total <= most) return;
    std::size_t position = 0;
    for (DataSet& set : sets) {
        std::vector<Sample> kept;
        for (Sample& sample : set.samples) {
            const bool keep = (position + 1) * most / total > position * most / total;
            if (keep) kept.push_back(std::move(sample));
            ++position;
        }
        set.samples = std::move(kept);
    }
}

}  // namespace

Validator::Validator(const nn::Graph& graph, const nn::ModelTable& table,
                     const ValidatorConfig& config, const std::vector<DataSet>& sets,
                     const PictureCache& cache, torch::Device device)
    : graph_(graph), table_(table), config_(config), source_(sets, cache, config.size, device) {}

void Validator::score_batch(const ParameterStore& store, std::size_t first,
                            std::vector<evaluation::PictureResult>& results) const {
    const torch::NoGradGuard no_grad;
    const GraphModule module(graph_, store, 0);
    const ValidationBatch batch = source_.batch(first, static_cast<std::size_t>(config_.batch));
    std::vector<torch::Tensor> outputs;
    {
        const MixedPrecision precision(batch.batch.images.device());
        outputs = module.forward(batch.batch.images, Mode::evaluate);
    }
    const auto found = detections_of(outputs, table_.detect().strides, config_.detection);
    for (std::size_t i = 0; i < batch.pictures.size(); ++i) {
        results[first + i] = judged(batch.pictures[i], found[i]);
    }
}

evaluation::EvaluationResult Validator::run(const ParameterStore& store) const {
    std::vector<evaluation::PictureResult> results(source_.size());
    std::atomic<std::size_t> next = 0;
    side_by_side(static_cast<std::size_t>(config_.workers), [&](std::size_t) {
        const auto step = static_cast<std::size_t>(config_.batch);
        for (std::size_t first = next.fetch_add(step); first < results.size();
             first = next.fetch_add(step)) {
            score_batch(store, first, results);
        }
    });
    return evaluation::evaluate(results, table_.classes, {.bootstrap_rounds = 0});
}

std::vector<DataSet> validation_sets(const std::vector<std::string>& specifications,
                                     const std::vector<std::string>& data,
                                     const std::vector<std::string>& classes, std::size_t most) {
    std::vector<std::string> chosen = specifications;
    if (chosen.empty()) {
        for (const std::string& yaml : data) {
            if (ConfigNode::load(yaml)["val"].is_present()) chosen.push_back(yaml);
        }
    }
    std::vector<DataSet> sets;
    for (const std::string& specification : chosen) {
        sets.push_back(read_specified(specification, classes));
    }
    thin(sets, most);
    return sets;
}

}  // namespace caplamp::training
