// SPDX-License-Identifier: Apache-2.0
#include "core/detection.hpp"

#include <gtest/gtest.h>

namespace caplamp {
namespace {

TEST(Iou, IsOneForTheSameBoxAndZeroForTouchingOnes) {
    EXPECT_EQ(iou({1, 2, 3, 4}, {1, 2, 3, 4}), 1);
    EXPECT_EQ(iou({0, 0, 2, 2}, {2, 0, 2, 2}), 0);
}

TEST(Iou, OfHalfOverlappingSquaresIsAThird) {
    EXPECT_TRUE(std::abs(iou({0, 0, 2, 2}, {1, 0, 2, 2}) - 1.0F / 3) <= 1e-6F);
}

TEST(Iou, OfAnEmptyBoxIsZero) { EXPECT_EQ(iou({0, 0, 0, 5}, {0, 0, 0, 5}), 0); }

}  // namespace
}  // namespace caplamp
