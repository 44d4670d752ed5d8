// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace caplamp::capture {

struct JpegSize {
    int width = 0;
    int height = 0;
    bool operator==(const JpegSize&) const = default;
};

/// The size that a JPEG file states, without decoding it; nothing when the bytes are none. Who
/// decodes what strangers send asks first: a few bytes may claim gigabytes.
std::optional<JpegSize> jpeg_size(std::span<const std::uint8_t> bytes);

/// True for bytes that begin like a JPEG file and end before its end-of-image marker. Decoders
/// paint the missing part grey without a word, and a grey part would look like "nobody there".
bool is_truncated_jpeg(std::span<const std::uint8_t> bytes);

}  // namespace caplamp::capture
