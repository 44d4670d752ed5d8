// SPDX-License-Identifier: Apache-2.0
#include "transport/codec.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <utility>

#include "tests/transport/feature_maps.hpp"

namespace caplamp::transport {
namespace {

TensorScales scales_of(const Tensor& tensor, const Codec& codec) {
    return test::scales_of({tensor}, codec);
}

std::vector<std::uint8_t> encoded(const Tensor& tensor, const Codec& codec,
                                  const TensorScales& scales) {
    std::vector<std::uint8_t> bytes;
    EXPECT_TRUE(Encoder().encode(tensor.view(), codec, &scales, bytes));
    return bytes;
}

float top_of(const Codec& codec, ChannelRange range) {
    const int levels = codec.stage == Stage::rans ? 16 : 1 << codec.bits;
    return range.low + range.step * static_cast<float>(levels - 1);
}

/// The largest error that a codec may make at a number inside its channel's range.
float allowed(const Codec& codec, float value, ChannelRange range) {
    if (codec.number == Number::f32) return 0;
    if (codec.number == Number::f16) return std::abs(value) * 0x1p-11F + 0x1p-25F;
    return range.step * 0.501F;
}

TEST(Codec, GivesBackEveryNumberAsExactlyAsItPromises) {
    for (const Codec& codec : all_codecs()) {
        for (const Shape& shape : {Shape{1, 1, 1}, Shape{9, 7, 5}, Shape{16, 12, 20}}) {
            const Tensor tensor = test::rectified_map(shape, 1);
            const TensorScales scales = scales_of(tensor, codec);
            Tensor result(shape);
            ASSERT_TRUE(
                Decoder().decode(encoded(tensor, codec, scales), codec, &scales, result.view()))
                << to_string(codec);
            for (int c = 0; c < shape.channels; ++c) {
                const ChannelRange range = scales.ranges[static_cast<std::size_t>(c)];
                const float top = codec.needs_scales() ? top_of(codec, range) : HUGE_VALF;
                for (std::size_t i = 0; i < shape.plane(); ++i) {
                    const float value = tensor.view().channel(c)[i];
                    const float expected = std::min(value, top);
                    const float error = std::abs(result.view().channel(c)[i] - expected);
                    ASSERT_LE(error, allowed(codec, value, range)) << to_string(codec);
                }
            }
        }
    }
}

TEST(Codec, WordsAreReadBack) {
    for (const Codec& codec : all_codecs()) EXPECT_EQ(parse_codec(to_string(codec)), codec);
    for (const std::string word : {"", "q9", "q8+rans", "q1", "f32+", "F32", "q4 "}) {
        EXPECT_FALSE(parse_codec(word)) << word;
    }
}

TEST(Codec, KnowsTheTablesThatWereMadeForIt) {
    const Tensor tensor = test::rectified_map({4, 8, 8}, 1);
    const Codec plain = *parse_codec("q4");
    const Codec entropy = *parse_codec("q4+rans");
    const ScaleTable of_plain{.bits = 4, .tensors = {scales_of(tensor, plain)}};
    const ScaleTable of_entropy{.bits = 4, .tensors = {scales_of(tensor, entropy)}};
    EXPECT_TRUE(fits(of_plain, plain));
    EXPECT_TRUE(fits(of_plain, *parse_codec("q4+zstd")));
    EXPECT_TRUE(fits(of_entropy, entropy));
    EXPECT_FALSE(fits(of_plain, entropy));
    EXPECT_FALSE(fits(of_entropy, plain));
    EXPECT_FALSE(fits(of_entropy, *parse_codec("q3+rans")));
}

TEST(Codec, FewerBitsTakeFewerBytes) {
    const Tensor tensor = test::rectified_map({16, 40, 40}, 1);
    const auto size = [&](const char* word) {
        const Codec codec = *parse_codec(word);
        return encoded(tensor, codec, scales_of(tensor, codec)).size();
    };
    EXPECT_EQ(size("f32"), 16U * 1600 * 4);
    EXPECT_EQ(size("f16"), 16U * 1600 * 2);
    EXPECT_EQ(size("q8"), 16U * 1600);
    EXPECT_EQ(size("q3"), 16U * 1600 * 3 / 8);
    EXPECT_LT(size("q8+zstd"), size("q8"));
    EXPECT_LT(size("q4+rans"), size("q4+zstd"));
    EXPECT_LT(size("q3+rans"), size("q4+rans"));
    EXPECT_LT(size("q1+rans"), size("q2+rans"));
}

TEST(Codec, DoesNotHideANumberThatIsNone) {
    Tensor tensor = test::random_map({8, 4, 4}, 1);
    const TensorScales scales = scales_of(tensor, *parse_codec("q4+rans"));
    for (const float broken :
         {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
        tensor.data()[100] = broken;
        std::vector<std::uint8_t> bytes;
        EXPECT_FALSE(Encoder().encode(std::as_const(tensor).view(), *parse_codec("q4+rans"),
                                      &scales, bytes));
        EXPECT_FALSE(
            Encoder().encode(std::as_const(tensor).view(), *parse_codec("q4"), &scales, bytes));
        bytes.clear();
        ASSERT_TRUE(
            Encoder().encode(std::as_const(tensor).view(), *parse_codec("f16"), nullptr, bytes));
        Tensor result(tensor.shape());
        ASSERT_TRUE(Decoder().decode(bytes, *parse_codec("f16"), nullptr, result.view()));
        EXPECT_FALSE(std::isfinite(result.data()[100]));
    }
}

TEST(Codec, RefusesBytesThatCannotBe) {
    const Shape shape{9, 5, 7};
    const Tensor tensor = test::random_map(shape, 1);
    Tensor result(shape);
    for (const Codec& codec : all_codecs()) {
        const TensorScales scales = scales_of(tensor, codec);
        std::vector<std::uint8_t> bytes = encoded(tensor, codec, scales);
        Decoder decoder;
        EXPECT_FALSE(
            decoder.decode({bytes.data(), bytes.size() - 1}, codec, &scales, result.view()))
            << to_string(codec);
        bytes.push_back(0);
        EXPECT_FALSE(decoder.decode(bytes, codec, &scales, result.view())) << to_string(codec);
        EXPECT_FALSE(decoder.decode({}, codec, &scales, result.view())) << to_string(codec);
        if (!codec.needs_scales()) continue;
        bytes.pop_back();
        EXPECT_FALSE(decoder.decode(bytes, codec, nullptr, result.view()));
        TensorScales other = scales;
        other.ranges.pop_back();
        EXPECT_FALSE(decoder.decode(bytes, codec, &other, result.view()));
    }
}

}  // namespace
}  // namespace caplamp::transport
