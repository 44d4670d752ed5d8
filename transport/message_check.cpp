// SPDX-License-Identifier: Apache-2.0
#include "transport/message_check.hpp"

#include <algorithm>

#include "transport/envelope.hpp"

namespace caplamp::transport {

std::string problem_with(const Hello& hello, const std::string& model,
                         const std::vector<std::string>& classes) {
    if (hello.protocol != protocol_version) {
        return "this server speaks protocol " + std::to_string(protocol_version) + ", not " +
               std::to_string(hello.protocol);
    }
    if (hello.model != model || hello.classes != classes) {
        return "this server runs another model: " + model + ", not " + hello.model;
    }
    return {};
}

std::string problem_with(const Plan& plan, const Welcome& offer) {
    const auto offered = [](const std::vector<std::string>& list, const std::string& word) {
        return std::ranges::find(list, word) != list.end();
    };
    if (!offered(offer.cuts, plan.cut)) return plan.cut + ": no such cut";
    if (!parse_codec(plan.codec) || !offered(offer.codecs, plan.codec)) {
        return plan.codec + ": no such codec";
    }
    return {};
}

bool names_scales(const Plan& plan) {
    return plan.cut != "jpeg" && parse_codec(plan.codec)->needs_scales();
}

std::string problem_with(const FrameHeader& header, const Plan& plan,
                         const std::vector<zmq::message_t>& parts) {
    if (header.picture_width == 0 || header.picture_height == 0) return "an empty picture";
    if (plan.cut == "jpeg") {
        return parts.size() == 1 && header.tensors.empty() ? "" : "a JPEG frame has one part";
    }
    if (header.tensors.empty() || header.tensors.size() != parts.size()) {
        return "the parts are not those the header names";
    }
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (to_string(header.tensors[i].codec) != plan.codec) return "another codec than its plan";
        if (checksum(bytes_of(parts[i])) != header.tensors[i].checksum) {
            return "a tensor was damaged on the way";
        }
    }
    return {};
}

}  // namespace caplamp::transport
