// SPDX-License-Identifier: Apache-2.0
#include "app/trace.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/app/program.hpp"

namespace caplamp::app {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;

json events_of(const TimedResult& timed) {
    const test::TempFolder folder;
    Trace trace(folder / "trace.json");
    trace.write(timed);
    trace.finish();
    json events = json::object();
    for (const json& event : json::parse(test::read_text(folder / "trace.json"))) {
        if (event.at("ph") == "X") events[event.at("name").get<std::string>()] = event;
    }
    return events;
}

TimedResult result_of_a_server() {
    TimedResult timed;
    timed.result.sequence = 7;
    const auto zero = std::chrono::steady_clock::now() + milliseconds(100);
    timed.decode = milliseconds(3);
    timed.captured = zero;
    timed.detector = {.begin = zero + milliseconds(5),
                      .letterbox = milliseconds(1),
                      .network = milliseconds(20),
                      .post = {}};
    timed.link = LinkTimes{.encode = milliseconds(2),
                           .sent = zero + milliseconds(28),
                           .answered = zero + milliseconds(78),
                           .queue = milliseconds(10),
                           .compute = milliseconds(30)};
    return timed;
}

TEST(Trace, PutsTheStagesOfAFrameOneBehindTheOther) {
    const json events = events_of(result_of_a_server());
    const std::vector<std::pair<const char*, int>> expected{
        {"decode", 3},  {"waiting", 5}, {"letterbox", 1}, {"network", 20}, {"encode", 2},
        {"wire up", 5}, {"queue", 10},  {"compute", 30},  {"wire down", 5}};
    ASSERT_EQ(events.size(), expected.size());
    std::int64_t end = events.at("decode").at("ts");
    for (const auto& [name, duration] : expected) {
        const json& event = events.at(name);
        EXPECT_EQ(event.at("dur"), duration * 1000) << name;
        EXPECT_EQ(event.at("args").at("frame"), 7);
        EXPECT_NEAR(event.at("ts").get<double>(), static_cast<double>(end), 2) << name;
        end = event.at("ts").get<std::int64_t>() + event.at("dur").get<std::int64_t>();
    }
}

TEST(Trace, KnowsFramesWithoutAServerAndFramesNobodyLookedAt) {
    TimedResult alone = result_of_a_server();
    alone.link.reset();
    alone.detector.post = milliseconds(4);
    EXPECT_TRUE(events_of(alone).contains("post-processing"));
    EXPECT_FALSE(events_of(alone).contains("compute"));
    EXPECT_TRUE(events_of(TimedResult{}).empty());
}

}  // namespace
}  // namespace caplamp::app
