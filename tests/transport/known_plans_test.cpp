// SPDX-License-Identifier: Apache-2.0
#include "transport/known_plans.hpp"

#include <gtest/gtest.h>

namespace caplamp::transport {
namespace {

const Welcome offer{.cuts = {"3", "jpeg"}, .codecs = {"f32", "q8", "q4+rans"}};

ScaleTable table_with_step(float step) { return {.bits = 8, .tensors = {{.ranges = {{0, step}}}}}; }

Plan plan_with(std::uint32_t id, const ScaleTable& table) {
    return {.id = id, .cut = "3", .codec = "q8", .scales = table.id()};
}

TEST(KnownPlans, KeepsAPlanBesideItsScales) {
    KnownPlans plans;
    const ScaleTable table = table_with_step(0.5F);
    EXPECT_EQ(plans.keep(plan_with(1, table), offer), "the plan names no scales of its codec");
    EXPECT_EQ(plans.keep(Scales{to_bytes(table)}), "");
    EXPECT_EQ(plans.keep(plan_with(1, table), offer), "");
    EXPECT_EQ(plans.keep({.id = 2, .cut = "3", .codec = "f32"}, offer), "");
    ASSERT_NE(plans.find(1), nullptr);
    EXPECT_EQ(*plans.find(1)->scales, table);
    EXPECT_EQ(plans.find(2)->scales, nullptr);
    EXPECT_EQ(plans.find(3), nullptr);
}

TEST(KnownPlans, SaysWhyNot) {
    KnownPlans plans;
    const ScaleTable table = table_with_step(0.5F);
    EXPECT_EQ(plans.keep(Scales{{1, 2, 3}}), "these are not scales");
    EXPECT_EQ(plans.keep(Scales{to_bytes(table)}), "");
    Plan other = plan_with(1, table);
    other.codec = "q4+rans";
    EXPECT_EQ(plans.keep(other, offer), "the plan names no scales of its codec");
    EXPECT_EQ(plans.keep({.id = 1, .cut = "77", .codec = "f32"}, offer), "77: no such cut");
    EXPECT_EQ(plans.find(1), nullptr);
}

TEST(KnownPlans, TheOldestTableGoesWithItsPlansUnlessItIsSentAgain) {
    KnownPlans plans;
    EXPECT_EQ(plans.keep({.id = 1000, .cut = "3", .codec = "f32"}, offer), "");
    for (std::uint32_t i = 0; i < 16; ++i) {
        const ScaleTable table = table_with_step(static_cast<float>(i + 1));
        EXPECT_EQ(plans.keep(Scales{to_bytes(table)}), "");
        EXPECT_EQ(plans.keep(plan_with(i, table), offer), "");
    }
    EXPECT_EQ(plans.keep(Scales{to_bytes(table_with_step(1))}), "");
    EXPECT_EQ(plans.keep(Scales{to_bytes(table_with_step(100))}), "");
    EXPECT_NE(plans.find(0), nullptr);
    EXPECT_EQ(plans.find(1), nullptr);
    EXPECT_NE(plans.find(2), nullptr);
    EXPECT_NE(plans.find(1000), nullptr);
}

TEST(KnownPlans, TheOldestPlanGoesWhenThereAreTooMany) {
    KnownPlans plans;
    for (std::uint32_t i = 0; i <= 512; ++i) {
        EXPECT_EQ(plans.keep({.id = i, .cut = "3", .codec = "f32"}, offer), "");
    }
    EXPECT_EQ(plans.find(0), nullptr);
    EXPECT_NE(plans.find(1), nullptr);
}

}  // namespace
}  // namespace caplamp::transport
