// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

namespace caplamp::capture {

/// True for bytes that begin like a JPEG file and end before its end-of-image marker. Decoders
/// paint the missing part grey without a word, and a grey part would look like "nobody there".
bool is_truncated_jpeg(std::span<const std::uint8_t> bytes);

}  // namespace caplamp::capture
