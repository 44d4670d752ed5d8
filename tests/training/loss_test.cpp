// SPDX-License-Identifier: Apache-2.0
#include "training/loss.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/training/tiny_network.hpp"

namespace caplamp::training {
namespace {

constexpr int pictures = 2;
constexpr int size = 64;

struct Fixture {
    DetectionLoss loss{tiny_table(), {}};
    Batch batch = random_batch(pictures, size, 7);
    std::vector<torch::Tensor> outputs = random_outputs(pictures, size, 8);
    Positives positives = loss.assign(outputs, batch);

    LossSums sums() const { return loss.sums(outputs, batch, positives); }

    /// Scores as a network gives them that has learnt something: gradients that one can measure.
    void raise_scores() { std::ranges::fill(positives.scores, 0.5F); }
};

}  // namespace

TEST(DetectionLoss, HasTheClassGradientOfFiniteDifferences) {
    Fixture f;
    ASSERT_FALSE(f.positives.cells.empty());
    f.raise_scores();
    for (const std::size_t logits : {1U, 3U}) {
        const auto value = [&] { return f.sums().classes; };
        EXPECT_TRUE(gradient_error(value, f.outputs[logits], 48) <= 1e-6) << logits;
    }
}

TEST(DetectionLoss, HasTheDistributionGradientOfFiniteDifferences) {
    Fixture f;
    f.raise_scores();
    for (const std::size_t bins : {0U, 2U}) {
        const auto value = [&] { return f.sums().distribution; };
        EXPECT_TRUE(gradient_error(value, f.outputs[bins], 400) <= 1e-6) << bins;
    }
}

TEST(DetectionLoss, HasTheBoxGradientOfFiniteDifferencesWhereAspectsAgree) {
    // The aspect term's factor counts as constant (box_geometry_test checks that one alone), so
    // compare with boxes whose aspect term is too small to matter: factor and term both vanish.
    Fixture f;
    const torch::NoGradGuard no_grad;
    for (const std::size_t bins : {0U, 2U}) {
        // The same distribution on all four sides: predicted boxes are squares.
        const auto side = f.outputs[bins].narrow(1, 0, 16).clone();
        for (int i = 1; i < 4; ++i) f.outputs[bins].narrow(1, 16 * i, 16).copy_(side);
    }
    const auto centre = (f.batch.boxes.narrow(1, 0, 2) + f.batch.boxes.narrow(1, 2, 2)) / 2;
    f.batch.boxes = torch::cat({centre - 9, centre + 9}, 1);
    f.positives = f.loss.assign(f.outputs, f.batch);
    ASSERT_FALSE(f.positives.cells.empty());
    f.raise_scores();
    const at::AutoGradMode with_gradient(true);
    for (const std::size_t bins : {0U, 2U}) {
        const auto value = [&] { return f.sums().box; };
        EXPECT_TRUE(gradient_error(value, f.outputs[bins], 400) <= 1e-5) << bins;
    }
}

TEST(DetectionLoss, WeighsTheBoxTermsByBoxWeight) {
    Fixture f;
    f.batch.box_weight.fill_(1);
    const LossSums whole = f.sums();
    f.batch.box_weight.fill_(0.25);
    const LossSums quarter = f.sums();
    EXPECT_TRUE(farthest(quarter.box * 4, whole.box) <= 1e-9);
    EXPECT_TRUE(farthest(quarter.distribution * 4, whole.distribution) <= 1e-9);
    EXPECT_TRUE(farthest(quarter.classes, whole.classes) <= 1e-12);
}

TEST(DetectionLoss, TakesNothingFromClassesThatArePartlyUnlabelled) {
    Fixture f;
    f.batch.labelled.select(0, 1).select(0, 2).fill_(false);  // persons of the second picture
    f.positives = f.loss.assign(f.outputs, f.batch);
    f.sums().total({}).backward();
    for (const std::size_t logits : {1U, 3U}) {
        const torch::Tensor gradient = f.outputs[logits].grad();
        EXPECT_EQ(gradient[1][2].abs().max().item<double>(), 0);
        EXPECT_GT(gradient[0][2].abs().max().item<double>(), 0);
        EXPECT_GT(gradient[1][0].abs().max().item<double>(), 0);
    }
}

TEST(DetectionLoss, MasksACoarseCellThatIsUnlabelledInPart) {
    Fixture f;
    f.batch.labelled[0][1][3][5] = false;  // lies in the cell (1, 2) of stride 16
    f.sums().classes.backward();
    EXPECT_EQ(f.outputs[1].grad()[0][1][3][5].item<double>(), 0);
    EXPECT_NE(f.outputs[1].grad()[0][1][3][4].item<double>(), 0);
    EXPECT_EQ(f.outputs[3].grad()[0][1][1][2].item<double>(), 0);
    EXPECT_NE(f.outputs[3].grad()[0][1][1][1].item<double>(), 0);
}

TEST(DetectionLoss, LearnsBackgroundFromPicturesWithoutObjects) {
    Fixture f;
    f.batch.boxes = torch::zeros({0, 4});
    f.batch.classes = torch::zeros({0}, torch::kInt64);
    f.batch.picture_of = torch::zeros({0}, torch::kInt64);
    f.batch.box_weight = torch::zeros({0});
    f.positives = f.loss.assign(f.outputs, f.batch);
    const LossSums sums = f.sums();
    sums.total({}).backward();
    EXPECT_EQ(sums.target_score, 0);
    EXPECT_EQ(sums.box.item<double>(), 0);
    EXPECT_GT(sums.classes.item<double>(), 0);
    EXPECT_EQ(f.outputs[0].grad().abs().max().item<double>(), 0);
}

TEST(DetectionLoss, IsTheSumOverTheParts) {
    Fixture f;
    const LossSums whole = f.sums();
    double parts = 0;
    for (int picture = 0; picture < pictures; ++picture) {
        std::vector<torch::Tensor> outputs;
        for (const torch::Tensor& map : f.outputs) outputs.push_back(map.narrow(0, picture, 1));
        Batch part = f.batch;
        const auto rows = (f.batch.picture_of == picture).nonzero().squeeze(1);
        part.boxes = f.batch.boxes.index_select(0, rows);
        part.classes = f.batch.classes.index_select(0, rows);
        part.box_weight = f.batch.box_weight.index_select(0, rows);
        part.picture_of = torch::zeros_like(rows);
        part.labelled = f.batch.labelled.narrow(0, picture, 1);
        parts += f.loss.sums(outputs, part, f.loss.assign(outputs, part)).total({}).item<double>();
    }
    EXPECT_TRUE(std::abs(whole.total({}).item<double>() - parts) <= 1e-6 * parts);
}

TEST(DistributionFocal, SplitsBetweenTheTwoNeighbouringBins) {
    auto generator = at::detail::createCPUGenerator(3);
    const auto bins = at::randn({1, 64}, generator, torch::kFloat64);
    const auto cost = distribution_focal(bins, torch::full({1, 4}, 2.25, torch::kFloat64));
    const auto logs = bins.reshape({4, 16}).log_softmax(1);
    const auto expected =
        -(0.75 * logs.select(1, 2) + 0.25 * logs.select(1, 3)).mean().item<double>();
    EXPECT_TRUE(std::abs(cost.item<double>() - expected) <= 1e-12);
}

TEST(DistributionFocal, KeepsTooFarDistancesInTheLastBins) {
    const auto cost =
        distribution_focal(torch::zeros({1, 64}), torch::tensor({{-3.0F, 0.0F, 15.0F, 99.0F}}));
    EXPECT_TRUE(std::abs(cost.item<double>() - std::log(16.0)) <= 1e-5);
}

}  // namespace caplamp::training
