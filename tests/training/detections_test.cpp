// SPDX-License-Identifier: Apache-2.0
#include "training/detections.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace caplamp::training {
namespace {

/// One scale of stride 8, two classes, 4x5 cells, nothing found anywhere.
std::vector<torch::Tensor> silent_outputs() {
    return {torch::zeros({1, 64, 4, 5}), torch::full({1, 2, 4, 5}, -20.0)};
}

}  // namespace

TEST(DetectionsOf, DecodesTheCellThatFoundSomething) {
    auto outputs = silent_outputs();
    for (int side = 0; side < 4; ++side) outputs[0][0][16 * side + side + 1][2][3] = 100;
    outputs[1][0][1][2][3] = 2;
    const auto found = detections_of(outputs, {8}, {});
    ASSERT_EQ(found.size(), 1U);
    ASSERT_EQ(found[0].size(), 1U);
    const Detection& detection = found[0][0];
    EXPECT_EQ(detection.class_id, 1);
    EXPECT_TRUE(std::abs(detection.score - 1 / (1 + std::exp(-2.0))) <= 1e-6);
    // Centre (28, 20), distances 1, 2, 3, 4 strides.
    EXPECT_TRUE(std::abs(detection.box.x - 20) <= 1e-3);
    EXPECT_TRUE(std::abs(detection.box.y - 4) <= 1e-3);
    EXPECT_TRUE(std::abs(detection.box.right() - 52) <= 1e-3);
    EXPECT_TRUE(std::abs(detection.box.bottom() - 52) <= 1e-3);
}

TEST(DetectionsOf, ReportsBothClassesOfACellAndSuppressesWithinAClass) {
    auto outputs = silent_outputs();
    for (int side = 0; side < 4; ++side) outputs[0][0].narrow(0, 16 * side + 4, 1).fill_(100);
    outputs[1][0][0][1][1] = 3;
    outputs[1][0][0][1][2] = 2;  // one cell on: IoU 7/9
    outputs[1][0][1][1][1] = 1;
    const auto found = detections_of(outputs, {8}, {});
    ASSERT_EQ(found[0].size(), 2U);
    EXPECT_EQ(found[0][0].class_id, 0);
    EXPECT_EQ(found[0][1].class_id, 1);
}

}  // namespace caplamp::training
