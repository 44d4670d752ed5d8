// SPDX-License-Identifier: Apache-2.0
#include "training/augmentation.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/training/painted_pictures.hpp"

namespace caplamp::training {
namespace {

constexpr int size = 96;

// The colours stay what they are, so that a pixel tells its class.
AugmentationConfig geometry_only() {
    AugmentationConfig config;
    config.size = size;
    config.hue = config.saturation = config.value = 0;
    config.grey = config.low_light = config.blur = config.noise = 0;
    return config;
}

// The class whose pure colour the pixel has, or -1.
int class_of_pixel(const torch::TensorAccessor<float, 3>& image, int y, int x) {
    for (int c = 0; c < 3; ++c) {
        const float own = image[c][y][x];
        const float others = std::max(image[(c + 1) % 3][y][x], image[(c + 2) % 3][y][x]);
        if (own > 0.7F && others < 0.2F) return c;
    }
    return -1;
}

bool same(const torch::Tensor& a, const torch::Tensor& b) { return torch::equal(a, b); }

bool same(const Batch& a, const Batch& b) {
    return same(a.images, b.images) && same(a.boxes, b.boxes) && same(a.classes, b.classes) &&
           same(a.picture_of, b.picture_of) && same(a.box_weight, b.box_weight) &&
           same(a.labelled, b.labelled);
}

class AugmentationTest : public testing::Test {
protected:
    BatchSource source(const AugmentationConfig& config) const {
        return {sets, cache, config, torch::kCPU};
    }

    TemporaryFolder folder;
    std::vector<DataSet> sets{painted_set(folder, "one", assorted_pictures())};
    PictureCache cache{pictures_of(sets), {.longest_side = 128}};
};

// Every coloured pixel lies in a box of its class, or where a dropped box left its class open.
void expect_boxes_hold_the_colours(const Batch& batch) {
    const auto boxes = batch.boxes.accessor<float, 2>();
    const auto classes = batch.classes.accessor<int64_t, 1>();
    const auto pictures = batch.picture_of.accessor<int64_t, 1>();
    const auto labelled = batch.labelled.accessor<bool, 4>();
    constexpr float slack = 1;  // a blended edge pixel
    for (int64_t n = 0; n < batch.images.size(0); ++n) {
        const auto image = batch.images.accessor<float, 4>()[n];
        for (int y = 0; y < size; ++y)
            for (int x = 0; x < size; ++x) {
                const int c = class_of_pixel(image, y, x);
                if (c < 0) continue;
                bool held = !labelled[n][c][y / 8][x / 8];
                const float u = static_cast<float>(x) + 0.5F;
                const float v = static_cast<float>(y) + 0.5F;
                for (int64_t m = 0; m < boxes.size(0) && !held; ++m)
                    held = pictures[m] == n && classes[m] == c && u > boxes[m][0] - slack &&
                           v > boxes[m][1] - slack && u < boxes[m][2] + slack &&
                           v < boxes[m][3] + slack;
                ASSERT_TRUE(held) << "picture " << n << " class " << c << " at " << x << ',' << y;
            }
    }
}

// The share of each box's inner pixels that have its colour must be near 1 without rotation.
void expect_boxes_are_full(const Batch& batch) {
    const auto boxes = batch.boxes.accessor<float, 2>();
    for (int64_t m = 0; m < boxes.size(0); ++m) {
        const auto image = batch.images.accessor<float, 4>()[batch.picture_of[m].item<int64_t>()];
        int inside = 0;
        int coloured = 0;
        for (int y = static_cast<int>(std::ceil(boxes[m][1] + 1));
             y + 1 < static_cast<int>(boxes[m][3] - 1); ++y)
            for (int x = static_cast<int>(std::ceil(boxes[m][0] + 1));
                 x + 1 < static_cast<int>(boxes[m][2] - 1); ++x) {
                ++inside;
                coloured += class_of_pixel(image, y, x) == batch.classes[m].item<int64_t>();
            }
        EXPECT_EQ(coloured, inside) << "box " << m;
    }
}

TEST_F(AugmentationTest, BoxesFollowThePixelsThroughMosaicScaleAndFlip) {
    BatchSource batches = source(geometry_only());
    int64_t boxes = 0;
    for (std::uint64_t step = 0; step < 40; ++step) {
        const Batch batch = batches.training_batch(step, 5, true);
        expect_boxes_hold_the_colours(batch);
        expect_boxes_are_full(batch);
        if (HasFatalFailure()) return;
        boxes += batch.boxes.size(0);
    }
    EXPECT_GT(boxes, 500);
}

TEST_F(AugmentationTest, BoxesFollowThePixelsOfPicturesThatStandAlone) {
    AugmentationConfig config = geometry_only();
    config.flip = 1;
    BatchSource batches = source(config);
    for (std::uint64_t step = 0; step < 20; ++step) {
        const Batch batch = batches.training_batch(step, 5, false);
        expect_boxes_hold_the_colours(batch);
        expect_boxes_are_full(batch);
        if (HasFatalFailure()) return;
    }
}

TEST_F(AugmentationTest, BoxesEncloseWhatRotationAndShearTurn) {
    AugmentationConfig config = geometry_only();
    config.rotate_degrees = 30;
    config.shear_degrees = 10;
    BatchSource batches = source(config);
    for (std::uint64_t step = 0; step < 30; ++step) {
        expect_boxes_hold_the_colours(batches.training_batch(step, 5, true));
        if (HasFatalFailure()) return;
    }
}

TEST_F(AugmentationTest, FlipsLeftAndRight) {
    AugmentationConfig config = geometry_only();
    config.scale_low = config.scale_high = 1;
    for (const double flip : {0.0, 1.0}) {
        config.flip = flip;
        BatchSource batches = source(config);
        for (std::uint64_t step = 0; step < 6; ++step) {
            const Batch batch = batches.training_batch(step, 1, false);
            ASSERT_EQ(batch.boxes.size(0), 1);
            if (batch.classes[0].item<int64_t>() != 0) continue;  // both red ones fill the width
            const float centre = (batch.boxes[0][0] + batch.boxes[0][2]).item<float>() / 2;
            const float wide = batch.boxes[0][2].item<float>() - batch.boxes[0][0].item<float>();
            const bool small_one = wide < 26;  // 24 pixels, left; the other 29, right
            EXPECT_EQ(centre < size / 2.0F, small_one == (flip == 0)) << flip << ' ' << wide;
        }
    }
}

TEST_F(AugmentationTest, DependsOnSeedAndStepAlone) {
    AugmentationConfig config;
    config.size = size;
    config.noise = config.blur = 0.5;
    BatchSource straight = source(config);
    std::vector<Batch> expected;
    for (std::uint64_t step = 0; step < 5; ++step)
        expected.push_back(straight.training_batch(step, 4, true));
    BatchSource resumed = source(config);
    EXPECT_TRUE(same(resumed.training_batch(4, 4, true), expected[4]));
    EXPECT_TRUE(same(resumed.training_batch(1, 4, true), expected[1]));
    EXPECT_FALSE(same(expected[0].images, expected[1].images));
    config.seed = 2;
    EXPECT_FALSE(same(source(config).training_batch(0, 4, true).images, expected[0].images));
}

TEST_F(AugmentationTest, HasTheShapesAndTypesOfABatch) {
    AugmentationConfig config;
    config.size = size;
    sets[0].box_weight = {1, 0.25F, 1};
    const Batch batch = source(config).training_batch(0, 3, true);
    EXPECT_EQ(batch.images.sizes(), (std::vector<int64_t>{3, 3, size, size}));
    EXPECT_EQ(batch.labelled.sizes(), (std::vector<int64_t>{3, 3, size / 8, size / 8}));
    EXPECT_EQ(batch.labelled.scalar_type(), torch::kBool);
    EXPECT_EQ(batch.boxes.size(1), 4);
    EXPECT_EQ(batch.classes.scalar_type(), torch::kInt64);
    EXPECT_TRUE((batch.images >= 0).all().item<bool>() && (batch.images <= 1).all().item<bool>());
    EXPECT_TRUE((batch.picture_of.diff() >= 0).all().item<bool>());
    const torch::Tensor expected = torch::where(batch.classes == 1, 0.25, 1.0).to(torch::kFloat32);
    EXPECT_TRUE(torch::equal(batch.box_weight, expected));
}

TEST_F(AugmentationTest, GivesEmptyTensorsWhenNothingIsLabelled) {
    for (Sample& sample : sets[0].samples) sample.boxes.clear();
    AugmentationConfig config;
    config.size = size;
    const Batch batch = source(config).training_batch(0, 2, true);
    EXPECT_EQ(batch.boxes.sizes(), (std::vector<int64_t>{0, 4}));
    EXPECT_EQ(batch.classes.size(0), 0);
    EXPECT_TRUE(batch.labelled.all().item<bool>());
}

TEST_F(AugmentationTest, FillsWithGreyWhateverTheColoursDo) {
    AugmentationConfig config;
    config.size = size;
    config.scale_low = config.scale_high = 0.5;
    config.noise = config.blur = config.low_light = 1;
    const Batch batch = source(config).training_batch(0, 6, false);
    const torch::Tensor fill = (batch.images == fill_value).all(1).sum({1, 2});
    EXPECT_TRUE((fill >= size * size / 2).all().item<bool>()) << fill;
}

TEST_F(AugmentationTest, ValidatesOnLetterboxedPicturesAndFindsTheWayBack) {
    const ValidationSource validation(sets, cache, size, torch::kCPU);
    ASSERT_EQ(validation.size(), 6U);
    const ValidationBatch last = validation.batch(4, 100);
    EXPECT_EQ(last.pictures.size(), 2U);
    EXPECT_EQ(last.batch.images.size(0), 2);
    const ValidationBatch all = validation.batch(0, 6);
    expect_boxes_hold_the_colours(all.batch);
    expect_boxes_are_full(all.batch);
    for (int64_t n = 0; n < 6; ++n) {
        const ValidationPicture& picture = all.pictures[static_cast<std::size_t>(n)];
        const PaintedPicture painted = assorted_pictures()[static_cast<std::size_t>(n)];
        ASSERT_EQ(picture.truth.size(), 1U);
        EXPECT_EQ(picture.source_width, painted.width);
        const torch::Tensor found = all.batch.boxes[n];
        const float x1 = found[0].item<float>();
        const float y1 = found[1].item<float>();
        const Box back =
            picture.to_source({x1, y1, found[2].item<float>() - x1, found[3].item<float>() - y1});
        EXPECT_TRUE(iou(back, picture.truth[0].box) >= 0.999F) << n;
        EXPECT_TRUE(std::abs(picture.truth[0].box.x - static_cast<float>(painted.left)) <= 1e-3F);
    }
    const Box everything = all.pictures[0].to_source({-50, -50, 500, 500});
    EXPECT_EQ(everything, (Box{0, 0, 120, 80}));
}

}  // namespace
}  // namespace caplamp::training
