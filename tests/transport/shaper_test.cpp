// SPDX-License-Identifier: Apache-2.0
#include "transport/shaper.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <utility>

namespace caplamp::transport {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Time = Shaper::Clock::time_point;

const Time begin{std::chrono::hours(1)};

double seconds_between(Time from, Time to) {
    return std::chrono::duration<double>(to - from).count();
}

/// A sender with no end of bytes and a reader that takes all, on a clock of their own.
class VirtualLink {
public:
    explicit VirtualLink(const DirectionConditions& conditions) : shaper(conditions, begin) {}

    /// Sends until so many bytes have come out; when that was.
    Time send(std::size_t bytes) {
        std::size_t sent = 0;
        std::size_t out = 0;
        while (out < bytes) {
            while (sent < bytes && shaper.room() > 0) {
                const std::size_t block = std::min(shaper.room(), bytes - sent);
                blocks.emplace_back(shaper.take(block, now), block);
                sent += block;
                most_held = std::max(most_held, shaper.on_the_way());
            }
            now = std::max(now, blocks.front().first);
            out += blocks.front().second;
            shaper.give_back(blocks.front().second);
            blocks.pop_front();
        }
        return now;
    }

    Shaper shaper;
    std::deque<std::pair<Time, std::size_t>> blocks;
    Time now = begin;
    std::size_t most_held = 0;
};

TEST(Shaper, BytesComeOutAtTheRateTheyWereAskedForAfterTheDelay) {
    for (const double rate : {0.5, 1.0, 48.7, 107.4, 1000.0}) {
        VirtualLink link({.megabits_per_second = rate, .delay = milliseconds(20)});
        const auto bytes = static_cast<std::size_t>(rate * 1e6 / 8 * 10);
        const Time end = link.send(bytes);
        EXPECT_NEAR(seconds_between(begin, end), 10.02, 0.001) << rate;
    }
}

TEST(Shaper, ASingleBlockTakesItsLengthAndTheDelay) {
    Shaper shaper({.megabits_per_second = 8, .delay = milliseconds(50)}, begin);
    EXPECT_EQ(shaper.take(1000, begin), begin + milliseconds(51));
    EXPECT_EQ(shaper.take(1000, begin), begin + milliseconds(52));  // waits for the first
    EXPECT_EQ(shaper.take(1000, begin + seconds(1)), begin + milliseconds(1051));
}

TEST(Shaper, ALinkWithoutConditionsKeepsNothingBack) {
    Shaper shaper({}, begin);
    EXPECT_EQ(shaper.room(), Shaper::largest_block);
    EXPECT_EQ(shaper.take(shaper.room(), begin), begin);
}

TEST(Shaper, HoldsNoMoreThanTheLinkAndItsQueue) {
    VirtualLink link({.megabits_per_second = 8, .delay = milliseconds(100)});
    link.send(10'000'000);
    EXPECT_LE(link.most_held, 200'000U);  // 1 MB/s for 100 ms on the line and 100 in the queue
    EXPECT_GE(link.most_held, 195'000U);
}

TEST(Shaper, HasRoomAgainWhenBytesHaveComeOut) {
    Shaper shaper({.megabits_per_second = 1}, begin);
    while (shaper.room() > 0) shaper.take(shaper.room(), begin);
    shaper.give_back(1000);
    EXPECT_EQ(shaper.room(), 1000U);
}

TEST(Shaper, JitterDelaysWithinItsBoundsAndKeepsTheOrder) {
    Shaper shaper({.delay = milliseconds(10), .jitter = milliseconds(40)}, begin);
    Time before = begin;
    double least = 1;
    double most = 0;
    for (int i = 0; i < 1000; ++i) {
        // So far apart that none waits for the one before it.
        const Time now = begin + seconds(i);
        const Time out = shaper.take(10, now);
        EXPECT_GT(out, before);
        before = out;
        least = std::min(least, seconds_between(now, out));
        most = std::max(most, seconds_between(now, out));
        shaper.give_back(10);
    }
    EXPECT_GE(least, 0.010);
    EXPECT_LE(least, 0.012);
    EXPECT_LE(most, 0.050);
    EXPECT_GE(most, 0.048);
    for (int i = 0; i < 1000; ++i) {
        const Time out = shaper.take(1, before);
        EXPECT_GE(out, before);
        before = out;
    }
}

TEST(Shaper, NothingIsSentDuringAStall) {
    // Open for 900 ms, then shut for 100.
    Shaper shaper({.megabits_per_second = 8,
                   .stall_every = milliseconds(1000),
                   .stall_for = milliseconds(100)},
                  begin);
    EXPECT_EQ(shaper.take(1000, begin + milliseconds(10)), begin + milliseconds(11));
    EXPECT_EQ(shaper.take(1000, begin + milliseconds(899)), begin + milliseconds(900));
    EXPECT_EQ(shaper.take(1000, begin + milliseconds(950)), begin + milliseconds(1001));
    // Half before the stall, half after it.
    EXPECT_EQ(shaper.take(2000, begin + milliseconds(1899)), begin + milliseconds(2001));
}

TEST(Shaper, StallsCostTheirShareOfTheRate) {
    VirtualLink link({.megabits_per_second = 8,
                      .stall_every = milliseconds(500),
                      .stall_for = milliseconds(100)});
    EXPECT_NEAR(seconds_between(begin, link.send(8'000'000)), 10.0, 0.11);
}

TEST(Shaper, NothingEntersALinkThatIsDown) {
    Shaper shaper({.megabits_per_second = 0}, begin);
    EXPECT_EQ(shaper.room(), 0U);
    shaper.set({.megabits_per_second = 1});
    EXPECT_GT(shaper.room(), 0U);
}

TEST(Shaper, NewConditionsHoldFromThenOn) {
    Shaper shaper({.megabits_per_second = 8, .delay = milliseconds(100)}, begin);
    EXPECT_EQ(shaper.take(1000, begin), begin + milliseconds(101));
    shaper.set({.megabits_per_second = 0.8});
    EXPECT_EQ(shaper.take(1000, begin + milliseconds(1)), begin + milliseconds(101));  // in order
    EXPECT_EQ(shaper.take(1000, begin + milliseconds(200)), begin + milliseconds(210));
}

}  // namespace
}  // namespace caplamp::transport
