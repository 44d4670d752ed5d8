// SPDX-License-Identifier: Apache-2.0
#include "training/epoch_order.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "core/error.hpp"

namespace caplamp::training {
namespace {

std::vector<DataSet> sets_of(const std::vector<std::pair<std::size_t, double>>& sizes) {
    std::vector<DataSet> sets;
    for (const auto& [size, weight] : sizes) {
        DataSet set;
        set.samples.resize(size);
        set.weight = weight;
        sets.push_back(set);
    }
    return sets;
}

TEST(EpochOrder, ShowsEveryPictureOnceWhenAllWeighTheSame) {
    const EpochOrder order(sets_of({{7, 1}, {5, 1}}), 0, 1);
    EXPECT_EQ(order.pictures_per_epoch(), 12U);
    const std::vector<std::uint32_t> epoch = order.epoch(3);
    EXPECT_EQ(std::set<std::uint32_t>(epoch.begin(), epoch.end()).size(), 12U);
    EXPECT_EQ(*std::max_element(epoch.begin(), epoch.end()), 11U);
}

TEST(EpochOrder, DiffersByEpochAndSeedAndIsRepeatable) {
    const EpochOrder order(sets_of({{50, 1}}), 0, 1);
    EXPECT_EQ(order.epoch(2), order.epoch(2));
    EXPECT_NE(order.epoch(2), order.epoch(3));
    EXPECT_NE(order.epoch(2), EpochOrder(sets_of({{50, 1}}), 0, 2).epoch(2));
}

TEST(EpochOrder, SharesAnEpochByPicturesTimesWeight) {
    const EpochOrder order(sets_of({{10, 1}, {10, 3}, {10, 0}}), 40, 1);
    const std::vector<std::uint32_t> epoch = order.epoch(0);
    ASSERT_EQ(epoch.size(), 40U);
    EXPECT_EQ(std::count_if(epoch.begin(), epoch.end(), [](auto i) { return i < 10; }), 10);
    EXPECT_EQ(std::count_if(epoch.begin(), epoch.end(), [](auto i) { return i >= 20; }), 0);
}

TEST(EpochOrder, DrawsWithoutReplacementAcrossEpochsToo) {
    const EpochOrder order(sets_of({{10, 1}, {3, 1}}), 5, 9);
    std::map<std::uint32_t, int> seen;
    for (std::uint64_t number = 0; number < 30; ++number)
        for (const std::uint32_t picture : order.epoch(number)) ++seen[picture];
    // 30 epochs of 5: 4 of the first set's ten (12 passes), 1 of the second's three (10 passes).
    for (std::uint32_t picture = 0; picture < 13; ++picture)
        EXPECT_EQ(seen[picture], picture < 10 ? 12 : 10) << picture;
}

TEST(EpochOrder, RefusesSetsWithoutAnyWeight) {
    EXPECT_THROW(EpochOrder(sets_of({{10, 0}}), 0, 1), Error);
    EXPECT_THROW(EpochOrder({}, 0, 1), Error);
}

}  // namespace
}  // namespace caplamp::training
