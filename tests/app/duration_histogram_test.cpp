// SPDX-License-Identifier: Apache-2.0
#include "app/duration_histogram.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

namespace caplamp::app {
namespace {

using Seconds = DurationHistogram::Seconds;

TEST(DurationHistogram, IsZeroWhenEmpty) {
    EXPECT_EQ(DurationHistogram().quantile(0.5), Seconds(0));
}

TEST(DurationHistogram, FindsQuantilesWithinOnePercent) {
    std::mt19937 random(1);
    std::lognormal_distribution<double> time(-5, 2);
    std::vector<double> all(5001);
    DurationHistogram histogram;
    for (double& seconds : all) {
        seconds = time(random);
        histogram.add(Seconds(seconds));
    }
    std::ranges::sort(all);
    for (const double q : {0.05, 0.5, 0.95}) {
        const double exact = all[static_cast<std::size_t>(std::ceil(q * 5001)) - 1];
        EXPECT_TRUE(std::abs(histogram.quantile(q).count() / exact - 1) <= 0.0101) << q;
    }
    EXPECT_EQ(histogram.count(), 5001U);
}

TEST(DurationHistogram, CountsWhatLiesOutsideIntoTheOutermostBins) {
    DurationHistogram histogram;
    histogram.add(Seconds(-1));
    histogram.add(Seconds(0));
    EXPECT_LT(histogram.quantile(1).count(), 1.1e-6);
    histogram.add(Seconds(1e9));
    EXPECT_GT(histogram.quantile(1).count(), 1000);
}

}  // namespace
}  // namespace caplamp::app
