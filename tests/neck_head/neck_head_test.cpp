// SPDX-License-Identifier: Apache-2.0
#include "neck_head/neck_head.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "backbone/backbone.hpp"
#include "core/error.hpp"
#include "nn/random_weights.hpp"

namespace caplamp::neck_head {
namespace {

constexpr Shape picture_shape{3, 64, 96};

class TinyNetwork : public testing::Test {
protected:
    TinyNetwork() {
        std::mt19937 random(5);
        std::uniform_real_distribution<float> colour(0, 1);
        for (float& value : picture_.data()) value = colour(random);
        config_.picture = picture_shape;
    }
    Detections through_cut(const std::string& cut) {
        backbone::Backbone backbone(graph_, weights_, {.picture = picture_shape, .cut = cut});
        config_.cut = cut;
        NeckHead rest(graph_, weights_, config_);
        EXPECT_EQ(backbone.feature_values(), rest.feature_values());
        std::ranges::copy(picture_.data(), backbone.picture().data().begin());
        return finish(rest, backbone.run());
    }
    Detections finish(NeckHead& rest, const std::vector<TensorView>& features) {
        for (std::size_t i = 0; i < features.size(); ++i) {
            std::ranges::copy(features[i].data(), rest.feature(i).data().begin());
        }
        PostConfig post;
        post.decode = {.score = 0.3F, .multi_label = true};
        return PostProcess(HeadLayout::of(table_)).run(rest.run(), post);
    }

    nn::ModelTable table_ = nn::ModelTable::load("tests/app/tiny.yaml");
    nn::Graph graph_ = nn::build_graph(table_);
    nn::Weights weights_ = nn::random_weights(graph_, 1);
    Tensor picture_{picture_shape};
    NeckHeadConfig config_;
};

TEST_F(TinyNetwork, EveryCutOfTheBackboneGivesTheSameBoxes) {
    const Detections whole = through_cut("");
    EXPECT_GT(whole.size(), 3U);
    for (const char* cut : {"0", "2-0", "4-0", "5", "6-0", "7", "9"}) {
        const Detections found = through_cut(cut);
        ASSERT_EQ(found.size(), whole.size()) << cut;
        for (std::size_t i = 0; i < whole.size(); ++i) {
            EXPECT_EQ(found[i].class_id, whole[i].class_id) << cut;
            EXPECT_TRUE(std::abs(found[i].score - whole[i].score) <= 1e-4F) << cut;
            EXPECT_TRUE(std::abs(found[i].box.x - whole[i].box.x) <= 1e-2F) << cut;
        }
    }
}

TEST_F(TinyNetwork, RunsAgainAndAgainWithTheSameResult) {
    backbone::Backbone backbone(graph_, weights_, {.picture = picture_shape, .cut = "5"});
    config_.cut = "5";
    NeckHead rest(graph_, weights_, config_);
    std::ranges::copy(picture_.data(), backbone.picture().data().begin());
    const Detections first = finish(rest, backbone.run());
    EXPECT_EQ(finish(rest, backbone.run()), first);
}

TEST_F(TinyNetwork, ComplainsAboutACutThatIsNotThere) {
    config_.cut = "77";
    EXPECT_THROW(NeckHead(graph_, weights_, config_), Error);
}

}  // namespace
}  // namespace caplamp::neck_head
