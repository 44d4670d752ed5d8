// SPDX-License-Identifier: Apache-2.0
#include "training/schedule.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace caplamp::training {
namespace {

bool near(double a, double b) { return std::abs(a - b) <= 1e-12; }

ScheduleConfig config() {
    ScheduleConfig c;
    c.learning_rate = 1;
    c.final_share = 0.1;
    c.warmup_steps = 4;
    return c;
}

}  // namespace

TEST(Schedule, WarmsUpLinearlyAndEndsAtItsFinalShare) {
    EXPECT_TRUE(near(learning_rate_at(config(), 0, 0), 0.25));
    EXPECT_TRUE(near(learning_rate_at(config(), 1, 0), 0.5));
    EXPECT_TRUE(near(learning_rate_at(config(), 9, 0), 1));
    EXPECT_TRUE(near(learning_rate_at(config(), 9, 0.5), 0.55));
    EXPECT_TRUE(near(learning_rate_at(config(), 9, 1), 0.1));
    EXPECT_TRUE(near(learning_rate_at(config(), 9, 1.5), 0.1));
}

TEST(Schedule, ChangesSizeAndClosesTheMosaicForTheLastPart) {
    ScheduleConfig c = config();
    c.size = 224;
    EXPECT_EQ(size_at(c, 0.99), 224);
    c.size_final = 320;
    c.final_fraction = 0.25;
    c.close_mosaic = 0.1;
    EXPECT_EQ(size_at(c, 0.74), 224);
    EXPECT_EQ(size_at(c, 0.76), 320);
    EXPECT_TRUE(mosaic_at(c, 0.89));
    EXPECT_FALSE(mosaic_at(c, 0.91));
}

TEST(Schedule, LetsYoungAveragesFollowQuickly) {
    ScheduleConfig c = config();
    c.ema_decay = 0.9;
    c.ema_ramp = 100;
    EXPECT_TRUE(near(ema_decay_at(c, 0), 0));
    EXPECT_TRUE(near(ema_decay_at(c, 100), 0.9 * (1 - std::exp(-1.0))));
    EXPECT_TRUE(near(ema_decay_at(c, 100000), 0.9));
}

}  // namespace caplamp::training
