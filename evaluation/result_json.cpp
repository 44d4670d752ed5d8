// SPDX-License-Identifier: Apache-2.0
#include "evaluation/result_json.hpp"

#include <cmath>
#include <string>

namespace caplamp::evaluation {
namespace {

using Json = nlohmann::ordered_json;

Json number_or_null(const std::optional<double>& value) {
    return value ? Json(*value) : Json(nullptr);
}

Json pair_or_null(const std::optional<Interval>& interval) {
    return interval ? Json::array({interval->low, interval->high}) : Json(nullptr);
}

Json sizes(const std::vector<SizeResult>& by_size, const std::string& ap_key) {
    Json json = Json::object();
    for (const SizeResult& size : by_size)
        json[size.name] = {{ap_key, number_or_null(size.ap)}, {"instances", size.instances}};
    return json;
}

Json class_json(const ClassResult& one, const std::string& ap_key) {
    return {{ap_key, number_or_null(one.ap)},
            {"ap50_95", number_or_null(one.ap50_95)},
            {"interval", pair_or_null(one.interval)},
            {"instances", one.instances},
            {"images", one.pictures},
            {"precision", number_or_null(one.precision)},
            {"recall", number_or_null(one.recall)},
            {"by_size", sizes(one.by_size, ap_key)}};
}

}  // namespace

Json to_json(const EvaluationResult& result, const DetectionSettings& settings) {
    // "ap50" says at which overlap, so another overlap has another key.
    const std::string ap_key = "ap" + std::to_string(std::lround(result.config.match_iou * 100));
    const DetectionLimit limit = detection_limit(result.config.protocol);
    Json json = {{"protocol", name_of(result.config.protocol)},
                 {"m" + ap_key, number_or_null(result.map)},
                 {"map50_95", number_or_null(result.map50_95)},
                 {"interval", pair_or_null(result.interval)},
                 {"images", result.pictures},
                 {"instances", result.instances},
                 {"score", number_or_null(settings.score)},
                 {"iou", number_or_null(settings.iou)},
                 {"match_iou", result.config.match_iou},
                 {"max_detections",
                  {{"image", limit.in_picture}, {"class_in_image", limit.of_class_in_picture}}},
                 {"operating_score", result.config.operating_score},
                 {"bootstrap_rounds", result.config.bootstrap_rounds},
                 {"seed", result.config.seed}};
    json["classes"] = Json::object();
    for (const ClassResult& one : result.classes)
        json["classes"][one.name] = class_json(one, ap_key);
    json["by_size"] = sizes(result.by_size, ap_key);
    return json;
}

}  // namespace caplamp::evaluation
