// SPDX-License-Identifier: Apache-2.0
#include "neck_head/nms.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>
#include <vector>

namespace caplamp::neck_head {
namespace {

TEST(Nms, KeepsTheBetterOfTwoOverlappingBoxes) {
    Detections boxes{{0, 0.5F, {0, 0, 10, 10}}, {0, 0.9F, {1, 0, 10, 10}}};
    keep_best(boxes, {});
    EXPECT_EQ(boxes, (Detections{{0, 0.9F, {1, 0, 10, 10}}}));
}

TEST(Nms, LeavesOtherClassesAlone) {
    Detections boxes{{0, 0.5F, {0, 0, 10, 10}}, {1, 0.9F, {0, 0, 10, 10}}};
    keep_best(boxes, {});
    EXPECT_EQ(boxes.size(), 2U);
}

TEST(Nms, AnOverlapOfExactlyTheLimitStays) {
    Detections boxes{{0, 0.9F, {0, 0, 10, 10}}, {0, 0.8F, {0, 0, 10, 5}}};
    keep_best(boxes, {.iou = 0.5F});
    EXPECT_EQ(boxes.size(), 2U);
}

TEST(Nms, ASuppressedBoxSuppressesNobody) {
    // b overlaps both, a and c do not overlap each other.
    Detections boxes{
        {0, 0.9F, {0, 0, 10, 10}}, {0, 0.8F, {4, 0, 10, 10}}, {0, 0.7F, {8, 0, 10, 10}}};
    keep_best(boxes, {.iou = 0.3F});
    ASSERT_EQ(boxes.size(), 2U);
    EXPECT_EQ(boxes[1].score, 0.7F);
}

TEST(Nms, OfEqualScoresTheFirstComesFirst) {
    Detections boxes{
        {0, 0.5F, {0, 0, 10, 10}}, {0, 0.5F, {1, 0, 10, 10}}, {0, 0.5F, {50, 0, 9, 9}}};
    keep_best(boxes, {});
    EXPECT_EQ(boxes, (Detections{{0, 0.5F, {0, 0, 10, 10}}, {0, 0.5F, {50, 0, 9, 9}}}));
}

TEST(Nms, KeepsNoMoreThanAsked) {
    Detections boxes;
    for (int i = 0; i < 50; ++i) {
        boxes.push_back(
            {0, 0.01F * static_cast<float>(i), {20.0F * static_cast<float>(i), 0, 9, 9}});
    }
    keep_best(boxes, {.max_boxes = 7});
    ASSERT_EQ(boxes.size(), 7U);
    EXPECT_EQ(boxes.front().score, 0.01F * 49);
}

TEST(Nms, LooksAtTheStrongestCandidatesOnly) {
    Detections boxes{{0, 0.1F, {100, 0, 9, 9}}, {0, 0.9F, {0, 0, 9, 9}}, {0, 0.8F, {0, 0, 9, 9}}};
    keep_best(boxes, {.max_candidates = 2});
    EXPECT_EQ(boxes, (Detections{{0, 0.9F, {0, 0, 9, 9}}}));
}

TEST(Nms, NothingStaysNothing) {
    Detections boxes;
    keep_best(boxes, {});
    EXPECT_TRUE(boxes.empty());
}

/// Marks every box that a stronger unmarked one covers, pair by pair.
Detections brute_force(const Detections& boxes, const NmsConfig& config) {
    std::vector<std::size_t> order(boxes.size());
    std::iota(order.begin(), order.end(), 0U);
    std::ranges::stable_sort(
        order, [&](std::size_t a, std::size_t b) { return boxes[a].score > boxes[b].score; });
    order.resize(std::min(order.size(), config.max_candidates));
    std::vector<bool> gone(boxes.size(), false);
    for (std::size_t i = 0; i < order.size(); ++i) {
        if (gone[order[i]]) continue;
        for (std::size_t j = i + 1; j < order.size(); ++j) {
            const Detection& a = boxes[order[i]];
            const Detection& b = boxes[order[j]];
            if (a.class_id == b.class_id && iou(a.box, b.box) > config.iou) gone[order[j]] = true;
        }
    }
    Detections kept;
    for (const std::size_t i : order) {
        if (!gone[i] && kept.size() < config.max_boxes) kept.push_back(boxes[i]);
    }
    return kept;
}

TEST(Nms, AgreesWithBruteForceOnRandomBoxes) {
    std::mt19937 random(7);
    std::uniform_real_distribution<float> place(0, 60);
    std::uniform_real_distribution<float> side(0, 40);
    std::uniform_int_distribution<int> step(0, 20);
    for (int round = 0; round < 200; ++round) {
        Detections boxes;
        for (int i = 0; i < step(random) * 10; ++i) {
            // Few distinct scores, so that ties are common.
            boxes.push_back({step(random) % 3,
                             0.05F * static_cast<float>(step(random)),
                             {place(random), place(random), side(random), side(random)}});
        }
        const NmsConfig config{.iou = 0.05F * static_cast<float>(step(random)),
                               .max_boxes = round % 2 == 0 ? 300U : 9U,
                               .max_candidates = round % 3 == 0 ? 50U : 30000U};
        const Detections expected = brute_force(boxes, config);
        keep_best(boxes, config);
        EXPECT_EQ(boxes, expected);
    }
}

}  // namespace
}  // namespace caplamp::neck_head
