// SPDX-License-Identifier: Apache-2.0
#include "evaluation/evaluate.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "core/error.hpp"

namespace caplamp::evaluation {
namespace {

using Measure = SizeRange::Measure;

constexpr double endless = 1e5 * 1e5;  // cocoeval's largest area
constexpr double coco_small = 32 * 32;
constexpr double coco_medium = 96 * 96;

struct NamedRange {
    const char* name;
    SizeRange range;
};

// Heads in a plant's cameras are 14 pixels high: COCO's "small" holds nearly all of them.
constexpr NamedRange size_ranges[] = {
    {"area small", {Measure::area, 0, coco_small}},
    {"area medium", {Measure::area, coco_small, coco_medium}},
    {"area large", {Measure::area, coco_medium, endless}},
    {"height under 16", {Measure::height, 0, 16}},
    {"height 16 to 32", {Measure::height, 16, 32}},
    {"height 32 to 96", {Measure::height, 32, 96}},
    {"height over 96", {Measure::height, 96, endless}},
};
constexpr std::size_t size_count = std::size(size_ranges);
constexpr std::size_t iou_count = 10;

// The main one, then one a size range, then one for each of COCO's ten IoU thresholds.
std::vector<Question> questions_for(const EvaluationConfig& config) {
    std::vector<Question> questions{{.iou = config.match_iou, .range = {}}};
    for (const NamedRange& size : size_ranges)
        questions.push_back({.iou = config.match_iou, .range = size.range});
    for (std::size_t i = 0; i < iou_count; ++i)
        questions.push_back({.iou = 0.5 + 0.05 * static_cast<double>(i), .range = {}});
    return questions;
}

std::optional<double> score(const Answer& answer, Protocol protocol) {
    const Curve curve = curve_of(answer);
    if (curve.truths <= 0) return std::nullopt;
    return average_precision(curve, protocol);
}

int count_truths(const Answer& answer) {
    return std::accumulate(answer.truths.begin(), answer.truths.end(), 0);
}

std::optional<double> mean(std::span<const std::optional<double>> values) {
    double sum = 0;
    int count = 0;
    for (const std::optional<double>& value : values) {
        if (!value) continue;
        sum += *value;
        ++count;
    }
    if (count == 0) return std::nullopt;
    return sum / count;
}

template <typename Item, typename Field>
std::optional<double> mean_of(const std::vector<Item>& items, Field field) {
    std::vector<std::optional<double>> values;
    values.reserve(items.size());
    for (const Item& item : items) values.push_back(std::invoke(field, item));
    return mean(values);
}

void set_operating_point(const ClassOutcomes& outcomes, double operating_score,
                         ClassResult& result) {
    const std::vector<Verdict>& verdicts = outcomes.answers[0].verdicts;
    int hits = 0;
    int false_alarms = 0;
    for (std::size_t i = 0; i < verdicts.size(); ++i) {
        if (outcomes.scores[i] < operating_score) break;
        hits += verdicts[i] == Verdict::hit;
        false_alarms += verdicts[i] == Verdict::false_alarm;
    }
    if (hits + false_alarms > 0) result.precision = 1.0 * hits / (hits + false_alarms);
    if (result.instances > 0) result.recall = 1.0 * hits / result.instances;
}

ClassResult summarise(const ClassOutcomes& outcomes, const EvaluationConfig& config) {
    ClassResult result;
    result.instances = count_truths(outcomes.answers[0]);
    result.ap = score(outcomes.answers[0], config.protocol);
    for (std::size_t i = 0; i < size_count; ++i) {
        const Answer& answer = outcomes.answers[1 + i];
        result.by_size.push_back({.name = size_ranges[i].name,
                                  .instances = count_truths(answer),
                                  .ap = score(answer, config.protocol)});
    }
    std::vector<std::optional<double>> stricter;
    for (std::size_t i = 0; i < iou_count; ++i)
        stricter.push_back(score(outcomes.answers[1 + size_count + i], config.protocol));
    result.ap50_95 = mean(stricter);
    set_operating_point(outcomes, config.operating_score, result);
    return result;
}

void fail(std::size_t picture, const std::string& why) {
    throw Error("evaluation: picture " + std::to_string(picture) + ": " + why);
}

void check_box(const Box& box, std::size_t picture, const char* whose) {
    const bool finite = std::isfinite(box.x) && std::isfinite(box.y) && std::isfinite(box.width) &&
                        std::isfinite(box.height);
    if (!finite) fail(picture, std::string("a box of the ") + whose + " is not finite");
    if (box.width < 0 || box.height < 0)
        fail(picture, std::string("a box of the ") + whose + " has a negative size");
}

void check_class(int class_id, std::size_t classes, std::size_t picture, const char* whose) {
    if (class_id < 0 || static_cast<std::size_t>(class_id) >= classes)
        fail(picture, "class " + std::to_string(class_id) + " of the " + whose +
                          " is none of the " + std::to_string(classes) + " classes");
}

void check(std::span<const PictureResult> pictures, std::size_t classes) {
    for (std::size_t p = 0; p < pictures.size(); ++p) {
        if (!pictures[p].labelled.empty() && pictures[p].labelled.size() != classes)
            fail(p, "the mask of labelled classes has another length than the class names");
        for (const Truth& truth : pictures[p].truths) {
            check_class(truth.class_id, classes, p, "truths");
            check_box(truth.box, p, "truths");
        }
        for (const Detection& found : pictures[p].detections) {
            check_class(found.class_id, classes, p, "detections");
            check_box(found.box, p, "detections");
            if (!std::isfinite(found.score)) fail(p, "the score of a detection is not finite");
        }
    }
}

void check(const EvaluationConfig& config) {
    if (!(config.match_iou > 0 && config.match_iou <= 1))
        throw Error("evaluation: match_iou must be above 0 and at most 1");
    if (!(config.operating_score >= 0 && config.operating_score <= 1))
        throw Error("evaluation: operating_score must be 0..1");
    if (config.bootstrap_rounds < 0 || config.bootstrap_rounds > 100000)
        throw Error("evaluation: bootstrap_rounds must be 0..100000");
}

// A round's mAP is the mean over the classes it drew any truth of.
std::vector<double> mean_rounds(const std::vector<std::vector<double>>& of_classes) {
    std::vector<double> means;
    for (std::size_t round = 0; !of_classes.empty() && round < of_classes[0].size(); ++round) {
        double sum = 0;
        int count = 0;
        for (const std::vector<double>& rounds : of_classes) {
            if (std::isnan(rounds[round])) continue;
            sum += rounds[round];
            ++count;
        }
        means.push_back(sum / count);  // 0 / 0 is the NaN it should be
    }
    return means;
}

void set_means(EvaluationResult& result) {
    result.map = mean_of(result.classes, &ClassResult::ap);
    result.map50_95 = mean_of(result.classes, &ClassResult::ap50_95);
    for (std::size_t i = 0; i < size_count; ++i) {
        SizeResult size;
        size.name = size_ranges[i].name;
        for (const ClassResult& one : result.classes) size.instances += one.by_size[i].instances;
        size.ap =
            mean_of(result.classes, [&](const ClassResult& one) { return one.by_size[i].ap; });
        result.by_size.push_back(size);
    }
}

}  // namespace

EvaluationResult evaluate(std::span<const PictureResult> pictures,
                          std::span<const std::string> names, const EvaluationConfig& config) {
    check(config);
    check(pictures, names.size());
    EvaluationResult result;
    result.config = config;
    result.pictures = static_cast<int>(pictures.size());
    const std::vector<Question> questions = questions_for(config);
    const Bootstrap bootstrap(pictures.size(), config.bootstrap_rounds, config.seed);
    std::vector<std::vector<double>> rounds;
    for (std::size_t c = 0; c < names.size(); ++c) {
        const int id = static_cast<int>(c);
        const auto labelled = std::ranges::count_if(
            pictures, [&](const PictureResult& picture) { return picture.labels(id); });
        if (labelled == 0) continue;
        const ClassOutcomes outcomes = judge_class(pictures, id, config.protocol, questions);
        ClassResult one = summarise(outcomes, config);
        one.name = names[c];
        one.pictures = static_cast<int>(labelled);
        result.instances += one.instances;
        if (one.ap) {
            rounds.push_back(
                bootstrap.average_precisions(outcomes, outcomes.answers[0], config.protocol));
            one.interval = percentile_interval(rounds.back());
        }
        result.classes.push_back(std::move(one));
    }
    result.interval = percentile_interval(mean_rounds(rounds));
    set_means(result);
    return result;
}

std::optional<double> mean_average_precision(std::span<const PictureResult> pictures,
                                             std::span<const std::string> names, Protocol protocol,
                                             double match_iou) {
    check(EvaluationConfig{.protocol = protocol, .match_iou = match_iou});
    check(pictures, names.size());
    const Question question{.iou = match_iou, .range = {}};
    std::vector<std::optional<double>> values;
    for (std::size_t c = 0; c < names.size(); ++c) {
        const ClassOutcomes outcomes =
            judge_class(pictures, static_cast<int>(c), protocol, std::span(&question, 1));
        values.push_back(score(outcomes.answers[0], protocol));
    }
    return mean(values);
}

}  // namespace caplamp::evaluation
