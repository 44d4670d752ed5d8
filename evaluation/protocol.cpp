// SPDX-License-Identifier: Apache-2.0
#include "evaluation/protocol.hpp"

namespace caplamp::evaluation {

std::string_view name_of(Protocol protocol) {
    switch (protocol) {
        case Protocol::coco:
            return "coco";
        case Protocol::voc12:
            return "voc12";
        case Protocol::voc07:
            return "voc07";
        case Protocol::ultralytics_8_3:
            return "ultralytics-8.3";
        case Protocol::ultralytics_8_4:
            return "ultralytics-8.4";
    }
    return "";
}

std::optional<Protocol> protocol_named(std::string_view name) {
    for (const Protocol protocol : all_protocols)
        if (name == name_of(protocol)) return protocol;
    return std::nullopt;
}

DetectionLimit detection_limit(Protocol protocol) {
    switch (protocol) {
        case Protocol::coco:
            return {.of_class_in_picture = 100};
        case Protocol::ultralytics_8_3:
        case Protocol::ultralytics_8_4:
            return {.in_picture = 300};
        case Protocol::voc12:
        case Protocol::voc07:
            break;
    }
    return {};
}

}  // namespace caplamp::evaluation
