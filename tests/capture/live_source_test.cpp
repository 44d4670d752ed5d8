// SPDX-License-Identifier: Apache-2.0
#include "capture/live_source.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "core/error.hpp"

namespace caplamp::capture {
namespace {

/// Hands out `frames` frames, then breaks.
class FragileCamera : public Source {
public:
    explicit FragileCamera(int frames) : left_(frames) {}
    const SourceInfo& info() const override { return info_; }
    std::optional<Captured> next(const std::stop_token&) override {
        if (left_-- == 0) throw Error("cam: broke");
        return Frame{.camera = "cam", .sequence = sequence_++, .image = cv::Mat(1, 1, CV_8UC3)};
    }

private:
    int left_;
    std::uint64_t sequence_ = 0;
    SourceInfo info_{.name = "cam", .live = true};
};

CaptureConfig quick() {
    return {.first_retry = std::chrono::milliseconds(1),
            .longest_retry = std::chrono::milliseconds(2)};
}

TEST(LiveSource, NumbersFramesOnAcrossAnOutage) {
    int failures = 0;
    LiveSource source(
        std::make_unique<FragileCamera>(2),
        [&](const std::stop_token&) -> std::unique_ptr<Source> {
            if (++failures < 4) throw Error("cam: still away");
            return std::make_unique<FragileCamera>(1000);
        },
        quick());
    std::chrono::duration<double> last{-1};
    for (std::uint64_t i = 0; i < 6; ++i) {
        const auto captured = source.next({});
        ASSERT_TRUE(captured.has_value());
        EXPECT_EQ(std::holds_alternative<LostFrame>(*captured), i == 2) << i;
        std::visit(
            [&](const auto& frame) {
                EXPECT_EQ(frame.sequence, i);
                EXPECT_GE(frame.media_time.count(), i < 3 ? 0.0 : last.count());
                last = frame.media_time;
            },
            *captured);
    }
    EXPECT_EQ(failures, 4);
}

TEST(LiveSource, EndsWhenStoppedDuringAnOutage) {
    LiveSource source(
        std::make_unique<FragileCamera>(0),
        [](const std::stop_token&) -> std::unique_ptr<Source> { throw Error("cam: away"); },
        {.first_retry = std::chrono::hours(1), .longest_retry = std::chrono::hours(1)});
    ASSERT_TRUE(std::holds_alternative<LostFrame>(*source.next({})));
    std::stop_source stop;
    std::jthread reader([&] { EXPECT_FALSE(source.next(stop.get_token()).has_value()); });
    stop.request_stop();
    reader.join();  // hangs for an hour if the pause does not hear the stop
}

}  // namespace
}  // namespace caplamp::capture
