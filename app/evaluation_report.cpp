// SPDX-License-Identifier: Apache-2.0
#include "app/evaluation_report.hpp"

#include <spdlog/fmt/fmt.h>

#include <cmath>

namespace caplamp::app {
namespace {

using evaluation::ClassResult;
using evaluation::EvaluationResult;

std::string number(const std::optional<double>& value) {
    return value ? fmt::format("{:.3f}", *value) : "-";
}

std::string interval(const std::optional<evaluation::Interval>& value) {
    return value ? fmt::format("{:.3f} to {:.3f}", value->low, value->high) : "-";
}

std::string limits(evaluation::Protocol protocol) {
    const evaluation::DetectionLimit limit = evaluation::detection_limit(protocol);
    if (limit.in_picture > 0) return fmt::format("best {} of a picture", limit.in_picture);
    if (limit.of_class_in_picture > 0)
        return fmt::format("best {} of a class in a picture", limit.of_class_in_picture);
    return "all detections";
}

std::string head(const EvaluationResult& result, const EvaluationSubject& subject) {
    std::string text = fmt::format("data      {}, {} pictures\n", subject.data, result.pictures);
    if (!subject.labels.empty()) text += fmt::format("labels    {}\n", subject.labels);
    if (subject.model.empty())
        text += fmt::format("found by  {}\n", subject.weights);
    else
        text += fmt::format("network   {}, {}, size {}\n", subject.model, subject.weights,
                            subject.size);
    text += fmt::format("protocol  {}: IoU {}, {}", evaluation::name_of(result.config.protocol),
                        result.config.match_iou, limits(result.config.protocol));
    if (subject.settings.score) text += fmt::format(", score {}", *subject.settings.score);
    if (subject.settings.iou) text += fmt::format(", NMS IoU {}", *subject.settings.iou);
    return text + "\n";
}

std::string class_table(const EvaluationResult& result) {
    const long percent = std::lround(result.config.match_iou * 100);
    const std::string ap = fmt::format("AP{}", percent);
    const std::string at = fmt::format("at score {}", result.config.operating_score);
    std::string text =
        fmt::format("{:<12}{:>9}{:>11}{:>9}{:>18}{:>9}   {}\n", "", "", "", "", "95 % of", "", at);
    text += fmt::format("{:<12}{:>9}{:>11}{:>9}{:>18}{:>9}{:>12}{:>8}\n", "class", "pictures",
                        "instances", ap, "resamples", "AP50-95", "precision", "recall");
    for (const ClassResult& one : result.classes)
        text += fmt::format("{:<12}{:>9}{:>11}{:>9}{:>18}{:>9}{:>12}{:>8}\n", one.name,
                            one.pictures, one.instances, number(one.ap), interval(one.interval),
                            number(one.ap50_95), number(one.precision), number(one.recall));
    text += fmt::format("{:<12}{:>9}{:>11}{:>9}{:>18}{:>9}\n", "mean", result.pictures,
                        result.instances, number(result.map), interval(result.interval),
                        number(result.map50_95));
    return text;
}

std::string size_table(const EvaluationResult& result) {
    std::string text = fmt::format("{:<18}", "by size");
    for (const ClassResult& one : result.classes) text += fmt::format("{:>17}", one.name);
    text += fmt::format("{:>17}\n", "mean");
    for (std::size_t i = 0; i < result.by_size.size(); ++i) {
        const auto cell = [](const evaluation::SizeResult& size) {
            return fmt::format("{:>17}", fmt::format("{} ({})", number(size.ap), size.instances));
        };
        text += fmt::format("{:<18}", result.by_size[i].name);
        for (const ClassResult& one : result.classes) text += cell(one.by_size[i]);
        text += cell(result.by_size[i]) + "\n";
    }
    return text;
}

}  // namespace

std::string evaluation_table(const EvaluationResult& result, const EvaluationSubject& subject) {
    std::string text = head(result, subject) + "\n" + class_table(result);
    if (!subject.left_out.empty())
        text += fmt::format("left out, because the set does not label them: {}\n",
                            fmt::join(subject.left_out, ", "));
    text += "\n" + size_table(result) + "\nthe same detections in other protocols:";
    for (const auto& [name, map] : subject.other_protocols)
        text += fmt::format(" {} {}", name, number(map));
    return text + "\n";
}

nlohmann::ordered_json evaluation_json(const EvaluationResult& result,
                                       const EvaluationSubject& subject) {
    nlohmann::ordered_json json = evaluation::to_json(result, subject.settings);
    json["data"] = subject.data;
    if (!subject.labels.empty()) json["labels"] = subject.labels;
    if (subject.model.empty()) {
        json["detections"] = subject.weights;
    } else {
        json["model"] = subject.model;
        json["weights"] = subject.weights;
        json["size"] = subject.size;
    }
    json["left_out"] = subject.left_out;
    for (const auto& [name, map] : subject.other_protocols)
        json["other_protocols"][name] = map ? nlohmann::ordered_json(*map) : nullptr;
    return json;
}

}  // namespace caplamp::app
