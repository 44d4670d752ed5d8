// SPDX-License-Identifier: Apache-2.0
#include "app/run_summary.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/app/program.hpp"

namespace caplamp::app {
namespace {

TEST(RunSummary, SaysInThreeLinesWhatHappened) {
    RunSummary summary({"helmet", "person"});
    TimedResult timed;
    timed.decode = std::chrono::milliseconds(2);
    timed.detector.network = std::chrono::milliseconds(80);
    timed.result.detections = {{0, 0.9F, {}}, {1, 0.9F, {}}, {1, 0.8F, {}}};
    for (int i = 0; i < 10; ++i) summary.add(timed, std::chrono::milliseconds(4));
    TimedResult lost;
    lost.result.status = FrameStatus::unknown;
    lost.result.reason = "damaged";
    summary.add(lost, {});
    EXPECT_EQ(summary.first_loss(), "damaged");
    const auto lines = test::lines_of(summary.text(5, {"out/a.mp4", "out/b.jsonl"}));
    ASSERT_EQ(lines.size(), 3U);
    EXPECT_THAT(lines[0],
                testing::ContainsRegex("^11 frames in .* frames/s; median .p95. ms: decode "));
    EXPECT_THAT(lines[0], testing::ContainsRegex("network (79|80)[.][0-9]+ .(79|80)[.][0-9]+."));
    EXPECT_THAT(lines[0], testing::Not(testing::HasSubstr("wire")));
    EXPECT_EQ(lines[1], "found: helmet 10, person 20; frames lost 1, dropped 5");
    EXPECT_EQ(lines[2], "written: out/a.mp4 out/b.jsonl");
}

TEST(RunSummary, TellsTheTimesOfTheLink) {
    RunSummary summary({"helmet"});
    TimedResult timed;
    const auto sent = std::chrono::steady_clock::now();
    timed.link = LinkTimes{.encode = std::chrono::milliseconds(1),
                           .sent = sent,
                           .answered = sent + std::chrono::milliseconds(30),
                           .queue = std::chrono::milliseconds(5),
                           .compute = std::chrono::milliseconds(15)};
    summary.add(timed, {});
    const std::string text = summary.text(0, {});
    EXPECT_THAT(text, testing::ContainsRegex("wire (9.9|10)"));
    EXPECT_THAT(text, testing::ContainsRegex("compute (14|15)"));
    EXPECT_THAT(text, testing::Not(testing::HasSubstr("post-processing")));
}

}  // namespace
}  // namespace caplamp::app
