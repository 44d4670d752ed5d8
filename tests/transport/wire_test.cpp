// SPDX-License-Identifier: Apache-2.0
#include "transport/wire.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <random>

namespace caplamp::transport {
namespace {

Result some_result() {
    return {.plan = 3,
            .camera = 2,
            .sequence = 1ULL << 40,
            .status = Status::late,
            .reason = "queue",
            .queue_us = 7,
            .compute_us = 8,
            .credits = 1,
            .detections = {{.class_id = 1, .score = 0.5F, .box = {1, 2, 3, 4}},
                           {.class_id = 2, .score = 0.25F, .box = {-1, 0, 9, 9}}}};
}

FrameHeader some_frame() {
    return {
        .plan = 9,
        .camera = 1,
        .sequence = 77,
        .captured_ns = -5,
        .picture_width = 1920,
        .picture_height = 1080,
        .input_width = 640,
        .input_height = 384,
        .tensors = {
            {.value = 12, .shape = {64, 48, 80}, .codec = *parse_codec("q4+rans"), .checksum = 123},
            {.value = 20, .shape = {1, 1, 1}, .codec = *parse_codec("f32")}}};
}

std::vector<Message> one_of_each() {
    return {Hello{.software = "caplamp 0.1.0",
                  .terminal = 42,
                  .model = "abc",
                  .classes = {"helmet", "head"},
                  .cuts = {"3", "4-5"},
                  .codecs = {"f32"}},
            Welcome{.software = "x", .credits = 4, .largest_message = 1U << 24, .cuts = {"3"}},
            Refusal{"another model"},
            Scales{{1, 2, 3}},
            Plan{.id = 5, .cut = "4-5", .codec = "q8", .scales = 99, .score = 0.1F, .max_boxes = 7},
            some_frame(),
            some_result(),
            Ping{-1},
            Pong{12},
            Goodbye{"done"}};
}

TEST(Wire, EveryMessageIsReadBack) {
    const std::vector<Message> all = one_of_each();
    ASSERT_EQ(all.size(), std::variant_size_v<Message>);
    for (const Message& message : all) {
        EXPECT_EQ(parse_message(to_bytes(message)), message) << message.index();
    }
}

TEST(Wire, AnyAddressWillDo) {
    const std::vector<std::uint8_t> bytes = to_bytes(some_frame());
    for (std::size_t shift = 1; shift < 8; ++shift) {
        std::vector<std::uint8_t> moved(shift);
        moved.insert(moved.end(), bytes.begin(), bytes.end());
        EXPECT_EQ(parse_message(std::span(moved).subspan(shift)), Message(some_frame()));
    }
}

TEST(Wire, NothingIsReadFromAPieceOrFromNoise) {
    std::mt19937 engine(1);
    for (const Message& message : one_of_each()) {
        const std::vector<std::uint8_t> whole = to_bytes(message);
        for (std::size_t size = 0; size < whole.size() / 2; ++size) {
            EXPECT_FALSE(parse_message({whole.data(), size}));
        }
        // Changed bytes may still be a message; what counts is that reading them is safe.
        for (int round = 0; round < 500; ++round) {
            std::vector<std::uint8_t> changed = whole;
            for (int i = 0; i < 3; ++i) {
                changed[engine() % changed.size()] = static_cast<std::uint8_t>(engine());
            }
            parse_message(changed);
        }
    }
    EXPECT_FALSE(parse_message(std::vector<std::uint8_t>(64, 0xff)));
}

TEST(Wire, ImpossibleValuesAreRefused) {
    FrameHeader frame = some_frame();
    frame.tensors[0].shape.height = 0;
    EXPECT_FALSE(parse_message(to_bytes(frame)));
    frame = some_frame();
    frame.tensors[0].codec = {Number::code, 9, Stage::none};
    EXPECT_FALSE(parse_message(to_bytes(frame)));
    frame.tensors[0].codec = {Number::code, 8, Stage::rans};
    EXPECT_FALSE(parse_message(to_bytes(frame)));
    frame.tensors[0].codec = {static_cast<Number>(7), 8, Stage::none};
    EXPECT_FALSE(parse_message(to_bytes(frame)));
    frame = some_frame();
    frame.tensors.resize(17, frame.tensors[0]);
    EXPECT_FALSE(parse_message(to_bytes(frame)));
    Result result = some_result();
    result.detections[0].box.width = std::numeric_limits<float>::quiet_NaN();
    EXPECT_FALSE(parse_message(to_bytes(result)));
    result = some_result();
    result.detections[0].score = 1.5F;
    EXPECT_FALSE(parse_message(to_bytes(result)));
    result = some_result();
    result.status = static_cast<Status>(9);
    EXPECT_FALSE(parse_message(to_bytes(result)));
    EXPECT_FALSE(parse_message(to_bytes(Plan{.score = -1})));
    EXPECT_FALSE(parse_message(to_bytes(Plan{.max_boxes = 10001})));
    EXPECT_FALSE(parse_message(to_bytes(Hello{.software = std::string(2000, 'x')})));
    EXPECT_FALSE(parse_message(to_bytes(Hello{.cuts = std::vector<std::string>(300)})));
}

}  // namespace
}  // namespace caplamp::transport
