// SPDX-License-Identifier: Apache-2.0
#include "transport/codec.hpp"

#include <zstd.h>

#include <algorithm>
#include <cassert>
#include <cstring>

#include "nn/half.hpp"
#include "transport/pack.hpp"

namespace caplamp::transport {
namespace {

/// Of level 1: faster than any radio link, and higher levels hardly find more in such numbers.
constexpr int zstd_level = 1;

int levels_of(const Codec& codec) {
    return codec.stage == Stage::rans ? most_symbols : 1 << codec.bits;
}

std::size_t plain_bytes(const Codec& codec, Shape shape) {
    return (shape.size() * static_cast<std::size_t>(codec.bits) + 7) / 8;
}

void append_floats(TensorView tensor, const Codec& codec, std::vector<std::uint8_t>& into) {
    const std::span<const float> values = tensor.data();
    const std::size_t before = into.size();
    into.resize(before + plain_bytes(codec, tensor.shape()));
    std::uint8_t* const bytes = into.data() + before;
    if (codec.number == Number::f32) {
        std::memcpy(bytes, values.data(), values.size_bytes());
        return;
    }
    for (std::size_t i = 0; i < values.size(); ++i) {
        const std::uint16_t half = nn::float_to_half(values[i]);
        std::memcpy(bytes + 2 * i, &half, sizeof half);
    }
}

void read_floats(std::span<const std::uint8_t> bytes, const Codec& codec, MutableTensorView into) {
    const std::span<float> values = into.data();
    if (codec.number == Number::f32) {
        std::memcpy(values.data(), bytes.data(), bytes.size());
        return;
    }
    for (std::size_t i = 0; i < values.size(); ++i) {
        std::uint16_t half = 0;
        std::memcpy(&half, bytes.data() + 2 * i, sizeof half);
        values[i] = nn::half_to_float(half);
    }
}

void append_compressed(std::span<const std::uint8_t> plain, std::vector<std::uint8_t>& into) {
    const std::size_t before = into.size();
    into.resize(before + ZSTD_compressBound(plain.size()));
    const std::size_t size = ZSTD_compress(into.data() + before, into.size() - before, plain.data(),
                                           plain.size(), zstd_level);
    assert(!ZSTD_isError(size));
    into.resize(before + size);
}

bool fits(const TensorScales& scales, const Codec& codec, Shape shape) {
    if (scales.ranges.size() != static_cast<std::size_t>(shape.channels)) return false;
    return codec.stage != Stage::rans || scales.entropy.channels() == shape.channels;
}

}  // namespace

std::string to_string(const Codec& codec) {
    std::string word = codec.number == Number::f32   ? "f32"
                       : codec.number == Number::f16 ? "f16"
                                                     : "q" + std::to_string(codec.bits);
    if (codec.stage == Stage::zstd) word += "+zstd";
    if (codec.stage == Stage::rans) word += "+rans";
    return word;
}

std::vector<Codec> all_codecs() {
    std::vector<Codec> result{{Number::f32, 32, Stage::none},
                              {Number::f32, 32, Stage::zstd},
                              {Number::f16, 16, Stage::none},
                              {Number::f16, 16, Stage::zstd}};
    for (int bits = 8; bits >= 2; --bits) {
        result.push_back({Number::code, bits, Stage::none});
        result.push_back({Number::code, bits, Stage::zstd});
    }
    for (int bits = 4; bits >= 1; --bits) result.push_back({Number::code, bits, Stage::rans});
    return result;
}

bool fits(const ScaleTable& table, const Codec& codec) {
    const bool entropy = codec.stage == Stage::rans;
    return table.bits == codec.bits &&
           std::ranges::all_of(table.tensors, [&](const TensorScales& scales) {
               return entropy == (scales.entropy.symbols > 0);
           });
}

std::optional<Codec> parse_codec(std::string_view word) {
    for (const Codec& codec : all_codecs()) {
        if (to_string(codec) == word) return codec;
    }
    return std::nullopt;
}

bool Encoder::encode(TensorView tensor, const Codec& codec, const TensorScales* scales,
                     std::vector<std::uint8_t>& into) {
    const bool codes = codec.number == Number::code;
    assert(!codes || (scales != nullptr && fits(*scales, codec, tensor.shape())));
    if (codes && !quantise(tensor, scales->ranges, levels_of(codec), planes_)) return false;
    if (codec.stage == Stage::rans) {
        rans_.encode(planes_, scales->entropy, into);
        return true;
    }
    const bool compress = codec.stage == Stage::zstd;
    plain_.clear();
    std::vector<std::uint8_t>& target = compress ? plain_ : into;
    if (codes) {
        pack(planes_, codec.bits, target);
    } else {
        append_floats(tensor, codec, target);
    }
    if (compress) append_compressed(plain_, into);
    return true;
}

bool Decoder::decode(std::span<const std::uint8_t> bytes, const Codec& codec,
                     const TensorScales* scales, MutableTensorView into) {
    if (codec.needs_scales() && (scales == nullptr || !fits(*scales, codec, into.shape()))) {
        return false;
    }
    if (codec.stage == Stage::rans) {
        planes_.reset(into.shape());
        if (!rans_decode(bytes, scales->entropy, planes_)) return false;
        dequantise(planes_, scales->ranges, into);
        return true;
    }
    if (codec.stage == Stage::none) return unpack(bytes, codec, scales, into);
    plain_.resize(plain_bytes(codec, into.shape()));
    const std::size_t size =
        ZSTD_decompress(plain_.data(), plain_.size(), bytes.data(), bytes.size());
    return !ZSTD_isError(size) && size == plain_.size() && unpack(plain_, codec, scales, into);
}

bool Decoder::unpack(std::span<const std::uint8_t> bytes, const Codec& codec,
                     const TensorScales* scales, MutableTensorView into) {
    if (bytes.size() != plain_bytes(codec, into.shape())) return false;
    if (codec.number != Number::code) {
        read_floats(bytes, codec, into);
        return true;
    }
    planes_.reset(into.shape());
    transport::unpack(bytes, codec.bits, planes_);
    dequantise(planes_, scales->ranges, into);
    return true;
}

}  // namespace caplamp::transport
