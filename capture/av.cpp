// SPDX-License-Identifier: Apache-2.0
#include "capture/av.hpp"

#include <array>

namespace caplamp::capture {

std::string av_error_text(int code) {
    switch (code) {
        case AVERROR_INVALIDDATA:
            return "the data is damaged or of an unknown kind";
        case AVERROR_HTTP_UNAUTHORIZED:
            return "wrong user or password (401)";
        case AVERROR_HTTP_FORBIDDEN:
            return "access is forbidden (403)";
        case AVERROR_HTTP_NOT_FOUND:
            return "no such stream on that machine (404)";
        default:
            break;
    }
    std::array<char, AV_ERROR_MAX_STRING_SIZE> text{};
    av_strerror(code, text.data(), text.size());
    return text.data();
}

}  // namespace caplamp::capture
