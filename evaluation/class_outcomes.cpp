// SPDX-License-Identifier: Apache-2.0
#include "evaluation/class_outcomes.hpp"

#include <algorithm>
#include <numeric>

namespace caplamp::evaluation {
namespace {

void keep_best(Detections& detections, int limit) {
    std::ranges::stable_sort(detections, std::ranges::greater{}, &Detection::score);
    if (limit > 0 && std::ssize(detections) > limit)
        detections.resize(static_cast<std::size_t>(limit));
}

// Those of the class that the protocol looks at, best first.
Detections select(const Detections& all, int class_id, DetectionLimit limit) {
    Detections kept = all;
    if (limit.in_picture > 0) keep_best(kept, limit.in_picture);
    std::erase_if(kept, [&](const Detection& found) { return found.class_id != class_id; });
    keep_best(kept, limit.of_class_in_picture);
    return kept;
}

std::vector<Truth> select(const std::vector<Truth>& all, int class_id) {
    std::vector<Truth> kept = all;
    std::erase_if(kept, [&](const Truth& truth) { return truth.class_id != class_id; });
    return kept;
}

template <typename T>
std::vector<T> in_order(const std::vector<T>& values, const std::vector<std::uint32_t>& order) {
    std::vector<T> sorted;
    sorted.reserve(values.size());
    for (const std::uint32_t i : order) sorted.push_back(values[i]);
    return sorted;
}

void sort_by_score(ClassOutcomes& outcomes) {
    std::vector<std::uint32_t> order(outcomes.scores.size());
    std::iota(order.begin(), order.end(), 0u);
    std::ranges::stable_sort(order, std::ranges::greater{},
                             [&](std::uint32_t i) { return outcomes.scores[i]; });
    outcomes.scores = in_order(outcomes.scores, order);
    outcomes.pictures = in_order(outcomes.pictures, order);
    for (Answer& answer : outcomes.answers) answer.verdicts = in_order(answer.verdicts, order);
}

}  // namespace

ClassOutcomes judge_class(std::span<const PictureResult> pictures, int class_id, Protocol protocol,
                          std::span<const Question> questions) {
    ClassOutcomes outcomes;
    outcomes.answers.resize(questions.size());
    for (Answer& answer : outcomes.answers) answer.truths.assign(pictures.size(), 0);
    for (std::size_t p = 0; p < pictures.size(); ++p) {
        if (!pictures[p].labels(class_id)) continue;
        const Detections found =
            select(pictures[p].detections, class_id, detection_limit(protocol));
        const std::vector<Truth> truths = select(pictures[p].truths, class_id);
        PictureMatch match(found, truths, protocol);
        for (const Detection& detection : found) outcomes.scores.push_back(detection.score);
        outcomes.pictures.resize(outcomes.scores.size(), static_cast<std::uint32_t>(p));
        for (std::size_t q = 0; q < questions.size(); ++q) {
            Answer& answer = outcomes.answers[q];
            answer.truths[p] = match.countable(questions[q].range);
            answer.verdicts.resize(outcomes.scores.size());
            match.judge(questions[q].iou, questions[q].range,
                        std::span(answer.verdicts).last(found.size()));
        }
    }
    sort_by_score(outcomes);
    return outcomes;
}

Curve curve_of(const Answer& answer) {
    Curve curve;
    curve.truths = std::accumulate(answer.truths.begin(), answer.truths.end(), 0.0);
    double hits = 0;
    for (const Verdict verdict : answer.verdicts) {
        if (verdict == Verdict::false_alarm) curve.false_alarms += 1;
        if (verdict != Verdict::hit) continue;
        hits += 1;
        curve.points.push_back({.hits = hits, .false_alarms = curve.false_alarms});
    }
    return curve;
}

}  // namespace caplamp::evaluation
