// SPDX-License-Identifier: Apache-2.0
#include "neck_head/decode.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <utility>

#include "core/error.hpp"

namespace caplamp::neck_head {
namespace {

constexpr float unlikely = -20;

/// One scale of 2x3 cells, stride 8, four bins, two classes; nothing seen yet.
class OneScale : public testing::Test {
protected:
    OneScale() {
        std::ranges::fill(logits_.data(), unlikely);
        for (float& bin : bins_.data()) bin = 0;
    }
    Detections decoded(const DecodeConfig& config) {
        Detections found{{9, 9, {9, 9, 9, 9}}};  // what is left over from before must go
        const std::vector<TensorView> maps{std::as_const(bins_).view(),
                                           std::as_const(logits_).view()};
        decode(maps, {.strides = {8}, .reg_max = 4}, config, found);
        return found;
    }
    /// All the weight of one side (left, top, right, bottom) on one bin.
    void set_side(int side, int y, int x, int bin) { bins_.view().at(side * 4 + bin, y, x) = 100; }

    Tensor bins_{Shape{16, 2, 3}};
    Tensor logits_{Shape{2, 2, 3}};
};

void expect_near(const Box& a, const Box& b, float tolerance) {
    EXPECT_TRUE(std::abs(a.x - b.x) <= tolerance) << a.x << " " << b.x;
    EXPECT_TRUE(std::abs(a.y - b.y) <= tolerance) << a.y << " " << b.y;
    EXPECT_TRUE(std::abs(a.width - b.width) <= tolerance) << a.width << " " << b.width;
    EXPECT_TRUE(std::abs(a.height - b.height) <= tolerance) << a.height << " " << b.height;
}

TEST_F(OneScale, SeesNobodyWhereNoLogitPasses) { EXPECT_TRUE(decoded({}).empty()); }

TEST_F(OneScale, MeasuresSidesFromTheCentreOfTheCellInStrides) {
    logits_.view().at(1, 1, 2) = 0;
    set_side(0, 1, 2, 1);
    set_side(1, 1, 2, 2);
    set_side(2, 1, 2, 3);
    set_side(3, 1, 2, 0);
    const Detections found = decoded({});
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].class_id, 1);
    EXPECT_TRUE(std::abs(found[0].score - 0.5F) <= 1e-6F);
    expect_near(found[0].box, {(2.5F - 1) * 8, (1.5F - 2) * 8, (1 + 3) * 8, (2 + 0) * 8}, 1e-4F);
}

TEST_F(OneScale, TakesTheExpectationOverTheBins) {
    logits_.view().at(0, 0, 0) = 3;
    bins_.view().at(0, 0, 0) = std::log(3.0F);  // left: three quarters on bin 0 ...
    bins_.view().at(1, 0, 0) = 0;               // ... a quarter on bin 1
    bins_.view().at(2, 0, 0) = -100;
    bins_.view().at(3, 0, 0) = -100;
    const Detections found = decoded({});
    ASSERT_EQ(found.size(), 1U);
    // The other sides are uniform: (0 + 1 + 2 + 3) / 4.
    expect_near(found[0].box, {(0.5F - 0.25F) * 8, (0.5F - 1.5F) * 8, 1.75F * 8, 3 * 8}, 1e-4F);
}

TEST_F(OneScale, GivesTheBestClassOrEveryClassAboveTheScore) {
    logits_.view().at(0, 0, 1) = 1;
    logits_.view().at(1, 0, 1) = 2;
    const Detections best = decoded({.multi_label = false});
    ASSERT_EQ(best.size(), 1U);
    EXPECT_EQ(best[0].class_id, 1);
    const Detections all = decoded({.multi_label = true});
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0].class_id, 0);
    EXPECT_EQ(all[0].box, all[1].box);
    EXPECT_TRUE(std::abs(all[0].score - 1 / (1 + std::exp(-1.0F))) <= 1e-6F);
}

TEST_F(OneScale, LargeBinsDoNotOverflow) {
    logits_.view().at(0, 0, 0) = 3;
    for (float& bin : bins_.data()) bin = 1e30F;
    const Detections found = decoded({});
    ASSERT_EQ(found.size(), 1U);
    EXPECT_TRUE(std::isfinite(found[0].box.width));
}

TEST_F(OneScale, ANetworkWithoutNumbersHasNotSeenNobody) {
    for (const int c : {0, 1}) {
        for (const int x : {0, 2}) {
            std::ranges::fill(logits_.data(), unlikely);
            logits_.view().at(c, 1, x) = std::numeric_limits<float>::quiet_NaN();
            EXPECT_THROW(decoded({}), Error);
        }
    }
}

TEST_F(OneScale, ScoresOfZeroAndOneAreLimits) {
    EXPECT_EQ(decoded({.score = 0, .multi_label = true}).size(), 12U);
    logits_.view().at(0, 0, 0) = 50;
    EXPECT_TRUE(decoded({.score = 1}).empty());
}

/// The same in double, cell by cell, without any short cut.
Detections plain_decode(const std::vector<TensorView>& maps, const HeadLayout& layout,
                        const DecodeConfig& config) {
    Detections found;
    for (std::size_t s = 0; s < layout.strides.size(); ++s) {
        const Shape shape = maps[2 * s].shape();
        for (int y = 0; y < shape.height; ++y) {
            for (int x = 0; x < shape.width; ++x) {
                double side[4];
                for (int i = 0; i < 4; ++i) {
                    double sum = 0;
                    double weighted = 0;
                    for (int b = 0; b < layout.reg_max; ++b) {
                        const double e = std::exp(
                            static_cast<double>(maps[2 * s].at(i * layout.reg_max + b, y, x)));
                        sum += e;
                        weighted += b * e;
                    }
                    side[i] = weighted / sum;
                }
                for (int c = 0; c < maps[2 * s + 1].shape().channels; ++c) {
                    const double score =
                        1 / (1 + std::exp(-static_cast<double>(maps[2 * s + 1].at(c, y, x))));
                    if (score <= static_cast<double>(config.score)) continue;
                    const double stride = layout.strides[s];
                    found.push_back({c,
                                     static_cast<float>(score),
                                     {static_cast<float>((x + 0.5 - side[0]) * stride),
                                      static_cast<float>((y + 0.5 - side[1]) * stride),
                                      static_cast<float>((side[0] + side[2]) * stride),
                                      static_cast<float>((side[1] + side[3]) * stride)}});
                }
            }
        }
    }
    return found;
}

TEST(Decode, AgreesWithThePlainFormulasOnRandomMaps) {
    std::mt19937 random(3);
    std::normal_distribution<float> normal(0, 2);
    const HeadLayout layout{.strides = {8, 16, 32}, .reg_max = 16};
    std::vector<Tensor> tensors;
    for (const int stride : layout.strides) {
        tensors.emplace_back(Shape{64, 96 / stride, 160 / stride});
        tensors.emplace_back(Shape{3, 96 / stride, 160 / stride});
    }
    std::vector<TensorView> maps;
    for (Tensor& tensor : tensors) {
        for (float& value : tensor.data()) value = normal(random);
        maps.push_back(std::as_const(tensor).view());
    }
    const DecodeConfig config{.score = 0.4F, .multi_label = true};
    Detections found;
    decode(maps, layout, config, found);
    const Detections expected = plain_decode(maps, layout, config);
    ASSERT_EQ(found.size(), expected.size());
    ASSERT_GT(found.size(), 100U);
    for (std::size_t i = 0; i < found.size(); ++i) {
        EXPECT_EQ(found[i].class_id, expected[i].class_id);
        EXPECT_TRUE(std::abs(found[i].score - expected[i].score) <= 1e-5F);
        expect_near(found[i].box, expected[i].box, 1e-2F);
    }
}

}  // namespace
}  // namespace caplamp::neck_head
