// SPDX-License-Identifier: Apache-2.0
#include "app/detection_stream.hpp"

#include <gtest/gtest.h>

#include "core/error.hpp"
#include "tests/app/scripted_source.hpp"
#include "tests/app/tiny_model.hpp"
#include "tests/capture/test_media.hpp"

namespace caplamp::app {
namespace {

using test::grey_frame;
using test::ScriptedSource;

class Stream : public testing::Test {
protected:
    Stream() { test::write_tiny_weights(folder_ / "tiny.safetensors"); }
    Detector detector() const {
        return Detector(
            {.model = test::tiny_table, .weights = folder_ / "tiny.safetensors", .size = 32});
    }
    test::TempFolder folder_;
};

TEST_F(Stream, HandsOutEveryFrameInOrder) {
    ScriptedSource source([](std::uint64_t i) -> std::optional<capture::Captured> {
        if (i == 50) return std::nullopt;
        if (i == 7) {
            capture::LostFrame lost;
            lost.sequence = i;
            lost.why = "damaged";
            return lost;
        }
        return grey_frame(i);
    });
    Detector network = detector();
    DetectionStream stream(source, network, {}, {});
    for (std::uint64_t i = 0; i < 50; ++i) {
        const auto timed = stream.next();
        ASSERT_TRUE(timed.has_value());
        EXPECT_EQ(timed->result.sequence, i);
        EXPECT_EQ(timed->result.status, i == 7 ? FrameStatus::unknown : FrameStatus::ok);
        EXPECT_EQ(timed->result.reason, i == 7 ? "damaged" : "");
        EXPECT_EQ(timed->result.image.empty(), i == 7);
    }
    EXPECT_FALSE(stream.next().has_value());
    EXPECT_EQ(stream.dropped(), 0U);
}

TEST_F(Stream, ThrowsWhatBrokeTheSourceAfterTheFramesBefore) {
    for (const bool keep_newest : {false, true}) {
        ScriptedSource source([](std::uint64_t i) -> std::optional<capture::Captured> {
            if (i == 3) throw Error("script: broke");
            return grey_frame(i);
        });
        Detector network = detector();
        DetectionStream stream(source, network, {.keep_newest = keep_newest}, {});
        int frames = 0;
        EXPECT_THROW(while (stream.next())++ frames, Error);
        EXPECT_GE(frames, keep_newest ? 1 : 3);
        EXPECT_LE(frames, 3);
    }
}

TEST_F(Stream, DropsOldFramesOfACameraAndCountsThem) {
    ScriptedSource source([](std::uint64_t i) -> std::optional<capture::Captured> {
        return i == 2000 ? std::nullopt : std::optional<capture::Captured>(grey_frame(i));
    });
    Detector network = detector();
    DetectionStream stream(source, network, {.keep_newest = true}, {});
    std::uint64_t seen = 0;
    std::uint64_t last = 0;
    while (const auto timed = stream.next()) {
        EXPECT_TRUE(seen == 0 || timed->result.sequence > last);
        last = timed->result.sequence;
        ++seen;
    }
    EXPECT_EQ(last, 1999U);
    EXPECT_EQ(seen + stream.dropped(), 2000U);
}

TEST_F(Stream, EndsWhenStopped) {
    ScriptedSource source(
        [](std::uint64_t i) -> std::optional<capture::Captured> { return grey_frame(i); });
    Detector network = detector();
    std::stop_source stop;
    DetectionStream stream(source, network, {}, stop.get_token());
    ASSERT_TRUE(stream.next().has_value());
    stop.request_stop();
    EXPECT_FALSE(stream.next().has_value());
}

TEST_F(Stream, GoesAwayWithoutBeingReadToItsEnd) {
    ScriptedSource source(
        [](std::uint64_t i) -> std::optional<capture::Captured> { return grey_frame(i); });
    Detector network = detector();
    const DetectionStream stream(source, network, {}, {});
}

}  // namespace
}  // namespace caplamp::app
