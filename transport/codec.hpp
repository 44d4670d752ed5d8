// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/tensor.hpp"
#include "transport/code_planes.hpp"
#include "transport/rans.hpp"
#include "transport/scale_table.hpp"

namespace caplamp::transport {

/// How numbers are written: 32 or 16-bit floats, or codes of `bits` bits in calibrated ranges.
enum class Number : std::uint8_t { f32, f16, code };
/// What is done with these bytes afterwards. rANS codes 16 levels whatever `bits` says, which then
/// stands for the step alone, 4 for the shortest to 1.
enum class Stage : std::uint8_t { none, zstd, rans };

/// `f32`, `f16+zstd`, `q8`, `q4+rans`, ...
struct Codec {
    Number number = Number::f32;
    int bits = 32;
    Stage stage = Stage::none;

    bool needs_scales() const { return number == Number::code; }
    bool operator==(const Codec&) const = default;
};

std::string to_string(const Codec& codec);
/// Nothing when the word is not a codec.
std::optional<Codec> parse_codec(std::string_view word);
/// Whether the table was made for this codec, which needs one.
bool fits(const ScaleTable& table, const Codec& codec);
/// Every codec there is, as --help lists them.
std::vector<Codec> all_codecs();

/// Feature maps to bytes. One thread at a time; keeps its buffers.
class Encoder {
public:
    /// Appends the tensor's bytes to `into`. `scales` of this tensor at codec.bits, or null when
    /// the codec needs none. False when a number is not finite and the codec cannot say so.
    bool encode(TensorView tensor, const Codec& codec, const TensorScales* scales,
                std::vector<std::uint8_t>& into);

private:
    CodePlanes planes_;
    RansEncoder rans_;
    std::vector<std::uint8_t> plain_;
};

/// Bytes to feature maps. One thread at a time; keeps its buffers.
class Decoder {
public:
    /// Fills `into`, whose shape is what the sender stated and the caller has checked. False when
    /// the bytes cannot be of this shape and codec, or the scales are of another shape.
    bool decode(std::span<const std::uint8_t> bytes, const Codec& codec, const TensorScales* scales,
                MutableTensorView into);

private:
    bool unpack(std::span<const std::uint8_t> bytes, const Codec& codec, const TensorScales* scales,
                MutableTensorView into);

    CodePlanes planes_;
    std::vector<std::uint8_t> plain_;
};

}  // namespace caplamp::transport
