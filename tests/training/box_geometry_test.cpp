// SPDX-License-Identifier: Apache-2.0
#include "training/box_geometry.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "tests/training/tiny_network.hpp"

namespace caplamp::training {
namespace {

torch::Tensor random_boxes(int count, std::uint64_t seed) {
    auto generator = at::detail::createCPUGenerator(seed);
    const auto options = torch::kFloat64;
    const auto centre = at::rand({count, 2}, generator, options) * 20;
    const auto half = at::rand({count, 2}, generator, options) * 10 + 1;
    return torch::cat({centre - half, centre + half}, 1);
}

Corners row_of(const torch::Tensor& boxes, int row) {
    const torch::Tensor floats = boxes.to(torch::kFloat32).contiguous();
    const float* values = floats.data_ptr<float>() + static_cast<std::ptrdiff_t>(row) * 4;
    return {values[0], values[1], values[2], values[3]};
}

}  // namespace

TEST(CompleteIou, IsOneForEqualBoxes) {
    const Corners box{10, 20, 30, 60};
    EXPECT_TRUE(std::abs(complete_iou(box, box) - 1) <= 1e-5);
}

TEST(CompleteIou, SubtractsDistanceAndAspectAsThePaperHasThem) {
    // Overlap 1x2 of 8 and 8: IoU 2/14. Hull 7x4: diagonal 65. Centres 3 apart. Aspects 2 and 1/2
    // differ by atan(2) - atan(1/2).
    const Corners wide{0, 0, 4, 2};
    const Corners tall{3, 0, 5, 4};
    const double overlap = 2.0 / 14;
    const double apart = 2.0 * 2.0 + 1.0 * 1.0;
    const double diagonal = 5.0 * 5.0 + 4.0 * 4.0;
    const double angle = std::atan(2.0) - std::atan(0.5);
    const double aspect = 4 / (std::numbers::pi * std::numbers::pi) * angle * angle;
    const double alpha = aspect / (1 - overlap + aspect);
    const double expected = overlap - apart / diagonal - alpha * aspect;
    EXPECT_TRUE(std::abs(complete_iou(wide, tall) - expected) <= 1e-5);
}

TEST(CompleteIou, IsTheSameForNumbersAndTensors) {
    const torch::Tensor a = random_boxes(200, 1);
    const torch::Tensor b = random_boxes(200, 2);
    const torch::Tensor together = complete_iou(a, b);
    for (int i = 0; i < 200; ++i) {
        const double alone = complete_iou(row_of(a, i), row_of(b, i));
        EXPECT_TRUE(std::abs(together[i].item<double>() - alone) <= 1e-4) << i;
    }
}

TEST(CompleteIou, HasTheGradientOfFiniteDifferences) {
    torch::Tensor predicted = random_boxes(40, 3).set_requires_grad(true);
    const torch::Tensor target = random_boxes(40, 4);
    const torch::Tensor tradeoff = aspect_tradeoff(predicted, target);
    const auto value = [&] { return complete_iou(predicted, target, tradeoff).sum(); };
    EXPECT_TRUE(gradient_error(value, predicted, 160) <= 1e-6);
    // What the loss uses holds the same trade-off constant.
    const auto used = torch::autograd::grad({complete_iou(predicted, target).sum()}, {predicted});
    const auto frozen = torch::autograd::grad({value()}, {predicted});
    EXPECT_TRUE(farthest(used[0], frozen[0]) <= 1e-12);
}

TEST(ExpectedDistances, IsTheBinWhenOneBinHasItAll) {
    torch::Tensor bins = torch::full({1, 64}, -100.0);
    for (const int place : {0 + 3, 16 + 0, 32 + 15, 48 + 7}) bins[0][place] = 100;
    const torch::Tensor distances = expected_distances(bins);
    EXPECT_TRUE(farthest(distances, torch::tensor({{3.0F, 0.0F, 15.0F, 7.0F}})) <= 1e-5);
}

TEST(CornersOf, MeasuresFromTheCellCentreInStrides) {
    const auto corners = corners_of(torch::tensor({{1.0F, 2.0F, 3.0F, 4.0F}}),
                                    torch::tensor({{20.0F, 36.0F, 8.0F}}));
    EXPECT_TRUE(farthest(corners, torch::tensor({{12.0F, 20.0F, 44.0F, 68.0F}})) <= 1e-6);
}

TEST(CornersOf, PassesTheGradientOfFiniteDifferences) {
    auto generator = at::detail::createCPUGenerator(5);
    torch::Tensor bins = at::randn({6, 64}, generator, torch::kFloat64).set_requires_grad(true);
    const auto cells = at::rand({6, 3}, generator, torch::kFloat64) * 32;
    const auto weights = at::randn({6, 4}, generator, torch::kFloat64);
    const auto value = [&] {
        return (corners_of(expected_distances(bins), cells) * weights).sum();
    };
    EXPECT_TRUE(gradient_error(value, bins, 96) <= 1e-6);
}

TEST(CellsOf, GoesRowByRowThroughEveryMap) {
    const std::vector<Cell> cells = cells_of({{2, 3}, {1, 1}}, {8, 16});
    ASSERT_EQ(cells.size(), 7U);
    EXPECT_EQ(cells[1].x, 12);
    EXPECT_EQ(cells[1].y, 4);
    EXPECT_EQ(cells[3].x, 4);
    EXPECT_EQ(cells[3].y, 12);
    EXPECT_EQ(cells[6].x, 8);
    EXPECT_EQ(cells[6].stride, 16);
}

}  // namespace caplamp::training
