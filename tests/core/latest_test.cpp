// SPDX-License-Identifier: Apache-2.0
#include "core/latest.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <thread>

namespace caplamp {
namespace {

TEST(Latest, HandsOutTheNewestAndSaysWhatWasDropped) {
    Latest<int> latest;
    EXPECT_FALSE(latest.put(1));
    EXPECT_TRUE(latest.put(2));
    EXPECT_EQ(latest.take({}), 2);
    EXPECT_FALSE(latest.put(3));
}

TEST(Latest, WakesAWaitingReaderWhenStopIsAskedFor) {
    Latest<int> latest;
    std::optional<int> got = 1;
    std::jthread reader([&](const std::stop_token& stop) { got = latest.take(stop); });
    reader.request_stop();
    reader.join();
    EXPECT_FALSE(got.has_value());
}

TEST(Latest, StillHandsOutTheLastValueAfterClosing) {
    Latest<std::unique_ptr<int>> latest;
    latest.put(std::make_unique<int>(7));
    latest.close();
    const auto last = latest.take({});
    ASSERT_TRUE(last.has_value());
    EXPECT_EQ(**last, 7);
    EXPECT_FALSE(latest.take({}).has_value());
}

TEST(Latest, EveryValueIsEitherReadOrCountedAsDropped) {
    Latest<int> latest;
    constexpr int count = 10000;
    int read = 0;
    int newest = -1;
    std::jthread reader([&] {
        while (const auto value = latest.take({})) {
            EXPECT_GT(*value, newest);
            newest = *value;
            ++read;
        }
    });
    int dropped = 0;
    for (int i = 0; i < count; ++i) dropped += latest.put(i) ? 1 : 0;
    latest.close();
    reader.join();
    EXPECT_EQ(read + dropped, count);
    EXPECT_EQ(newest, count - 1);
}

}  // namespace
}  // namespace caplamp
