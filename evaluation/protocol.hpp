// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace caplamp::evaluation {

/// "mAP@0.5" is not one number: the same detections score 0.495 to 0.750 under these five.
/// docs/evaluation.md defines each.
enum class Protocol {
    coco,             // cocoeval.py: 101 recall points, a step function
    voc12,            // voc_eval.py: the whole area under the envelope
    voc07,            // voc_eval.py: 11 recall points
    ultralytics_8_3,  // up to 8.3.231: a ramp from the last detection to recall 1
    ultralytics_8_4,  // from 8.4: nothing past the highest recall
};

inline constexpr std::array all_protocols{Protocol::coco, Protocol::voc12, Protocol::voc07,
                                          Protocol::ultralytics_8_3, Protocol::ultralytics_8_4};

/// "coco", "voc12", "voc07", "ultralytics-8.3", "ultralytics-8.4".
std::string_view name_of(Protocol protocol);
std::optional<Protocol> protocol_named(std::string_view name);

/// How many detections a protocol looks at, best first; 0: all of them.
struct DetectionLimit {
    int in_picture = 0;  // of all classes together
    int of_class_in_picture = 0;
};
DetectionLimit detection_limit(Protocol protocol);

}  // namespace caplamp::evaluation
