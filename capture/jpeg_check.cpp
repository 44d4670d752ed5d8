// SPDX-License-Identifier: Apache-2.0
#include "capture/jpeg_check.hpp"

#include <cstddef>

namespace caplamp::capture {
namespace {

// ITU-T T.81, table B.1.
constexpr std::uint8_t start_of_image = 0xD8;
constexpr std::uint8_t end_of_image = 0xD9;
constexpr std::uint8_t first_restart = 0xD0;
constexpr std::uint8_t last_restart = 0xD7;

/// The position past the segment whose length field stands at `at`; the size when it is cut off.
std::size_t past_segment(std::span<const std::uint8_t> bytes, std::size_t at) {
    if (at + 2 > bytes.size()) return bytes.size();
    const std::size_t length = static_cast<std::size_t>(bytes[at]) << 8U | bytes[at + 1];
    return at + (length < 2 ? 2 : length);
}

/// The position of the next marker's code byte at or after `at`, or the size. Stuffed zeros,
/// fill bytes and restart markers belong to the scan.
std::size_t next_marker(std::span<const std::uint8_t> bytes, std::size_t at) {
    for (; at + 1 < bytes.size(); ++at) {
        const std::uint8_t code = bytes[at + 1];
        const bool in_scan =
            code == 0 || code == 0xFF || (code >= first_restart && code <= last_restart);
        if (bytes[at] == 0xFF && !in_scan) return at + 1;
    }
    return bytes.size();
}

/// Start of frame, of any coding process.
bool is_frame_header(std::uint8_t code) {
    constexpr std::uint8_t huffman_tables = 0xC4;
    constexpr std::uint8_t reserved = 0xC8;
    constexpr std::uint8_t arithmetic_conditions = 0xCC;
    return code >= 0xC0 && code <= 0xCF && code != huffman_tables && code != reserved &&
           code != arithmetic_conditions;
}

bool begins_like_jpeg(std::span<const std::uint8_t> bytes) {
    return bytes.size() >= 2 && bytes[0] == 0xFF && bytes[1] == start_of_image;
}

}  // namespace

std::optional<JpegSize> jpeg_size(std::span<const std::uint8_t> bytes) {
    if (!begins_like_jpeg(bytes)) return std::nullopt;
    for (std::size_t at = 2; at < bytes.size(); at = past_segment(bytes, at)) {
        at = next_marker(bytes, at);
        if (at >= bytes.size()) break;
        const std::uint8_t code = bytes[at++];
        if (code == end_of_image) break;
        if (!is_frame_header(code)) continue;
        if (at + 7 > bytes.size()) break;
        return JpegSize{.width = bytes[at + 5] << 8 | bytes[at + 6],
                        .height = bytes[at + 3] << 8 | bytes[at + 4]};
    }
    return std::nullopt;
}

bool is_truncated_jpeg(std::span<const std::uint8_t> bytes) {
    if (!begins_like_jpeg(bytes)) return false;
    std::size_t at = 2;
    while (at < bytes.size()) {
        at = next_marker(bytes, at);
        if (at >= bytes.size()) return true;
        const std::uint8_t code = bytes[at++];
        if (code == end_of_image) return false;
        at = past_segment(bytes, at);
    }
    return true;
}

}  // namespace caplamp::capture
