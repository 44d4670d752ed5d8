// SPDX-License-Identifier: Apache-2.0
#include "backbone/backbone.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/error.hpp"
#include "nn/random_weights.hpp"

namespace caplamp::backbone {
namespace {

class TinyBackbone : public testing::Test {
protected:
    Backbone cut_after(const std::string& cut, Shape picture = {3, 64, 96}) const {
        return Backbone(graph_, weights_, {.picture = picture, .cut = cut});
    }
    nn::Graph graph_ = nn::build_graph(nn::ModelTable::load("tests/app/tiny.yaml"));
    nn::Weights weights_ = nn::random_weights(graph_, 1);
};

TEST_F(TinyBackbone, HandsOutTheThreeTapsWhenItIsWhole) {
    Backbone backbone = cut_after("");
    std::ranges::fill(backbone.picture().data(), 0.5F);
    const std::vector<TensorView>& features = backbone.run();
    ASSERT_EQ(features.size(), 3U);
    EXPECT_EQ(features[0].shape(), (Shape{8, 8, 12}));
    EXPECT_EQ(features[1].shape(), (Shape{16, 4, 6}));
    EXPECT_EQ(features[2].shape(), (Shape{16, 2, 3}));
}

TEST_F(TinyBackbone, HandsOutEveryLiveTensorOfALaterCut) {
    EXPECT_EQ(cut_after("2-0").feature_values().size(), 1U);
    EXPECT_EQ(cut_after("4-0").feature_values().size(), 1U);
    EXPECT_EQ(cut_after("5").feature_values().size(), 2U);
    EXPECT_EQ(cut_after("7").feature_values().size(), 3U);
}

TEST_F(TinyBackbone, TheSameLayerHasTheSameValuesInEverySlice) {
    Backbone early = cut_after("4-0");
    Backbone late = cut_after("");
    for (Backbone* backbone : {&early, &late}) {
        float value = 0;
        for (float& pixel : backbone->picture().data()) pixel = std::exchange(value, value + 1e-5F);
    }
    const TensorView a = early.run()[0];
    const TensorView b = late.run()[0];
    ASSERT_EQ(a.shape(), b.shape());
    for (std::size_t i = 0; i < a.data().size(); ++i) {
        EXPECT_TRUE(std::abs(a.data()[i] - b.data()[i]) <= 1e-5F);
    }
}

TEST_F(TinyBackbone, ComplainsAboutAPictureThatDoesNotFitTheStrides) {
    EXPECT_THROW(cut_after("", {3, 65, 96}), Error);
}

TEST_F(TinyBackbone, ComplainsAboutALayerThatIsNotThere) { EXPECT_THROW(cut_after("99"), Error); }

}  // namespace
}  // namespace caplamp::backbone
