// SPDX-License-Identifier: Apache-2.0
#include "training/counter_random.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <set>

namespace caplamp::training {
namespace {

TEST(CounterRandom, RepeatsForTheSameKeyAndDiffersForEveryOther) {
    EXPECT_EQ(CounterRandom({1, 2, 3}).bits(), CounterRandom({1, 2, 3}).bits());
    std::set<std::uint64_t> seen;
    for (std::uint64_t step = 0; step < 100; ++step)
        for (std::uint64_t index = 0; index < 100; ++index)
            seen.insert(CounterRandom({1, step, index}).bits());
    EXPECT_EQ(seen.size(), 10'000U);
    EXPECT_NE(CounterRandom({1, 2}).bits(), CounterRandom({2, 1}).bits());
}

TEST(CounterRandom, FillsTheIntervalEvenlyAlsoAcrossNeighbouringKeys) {
    std::array<int, 10> counts{};
    constexpr int draws = 100'000;
    for (std::uint64_t key = 0; key < draws; ++key) {
        const double value = CounterRandom({7, key}).uniform();
        ASSERT_TRUE(value >= 0 && value < 1);
        ++counts[static_cast<std::size_t>(value * 10)];
    }
    for (const int count : counts) EXPECT_TRUE(std::abs(count - draws / 10) < 500) << count;
}

TEST(CounterRandom, ShufflesIntoAPermutation) {
    std::vector<int> values{0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
    CounterRandom({5}).shuffle(values);
    EXPECT_EQ(std::set<int>(values.begin(), values.end()).size(), 10U);
    EXPECT_NE(values, (std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}));
}

}  // namespace
}  // namespace caplamp::training
