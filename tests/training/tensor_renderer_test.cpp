// SPDX-License-Identifier: Apache-2.0
#include "training/tensor_renderer.hpp"

#include <gtest/gtest.h>

#include "tests/training/painted_pictures.hpp"
#include "training/picture_planner.hpp"
#include "training/render.hpp"

namespace caplamp::training {
namespace {

constexpr int size = 96;

class TensorRendererTest : public testing::Test {
protected:
    std::vector<PicturePlan> plans(const AugmentationConfig& config, int count) const {
        std::vector<PicturePlan> result;
        for (int i = 0; i < count; ++i)
            result.push_back(
                planner.augmented(config, {.step = static_cast<std::uint64_t>(i), .epoch = epoch}));
        return result;
    }

    torch::Tensor by_loops(const std::vector<PicturePlan>& all) const {
        torch::Tensor images = torch::empty({static_cast<int64_t>(all.size()), 3, size, size});
        for (std::size_t i = 0; i < all.size(); ++i)
            render(all[i], cache, size, images[static_cast<int64_t>(i)].data_ptr<float>());
        return images;
    }

    // Rounding decides on which side of a picture's edge a pixel lies; all others must agree.
    void expect_equal(const std::vector<PicturePlan>& all) const {
        const torch::Tensor loops = by_loops(all);
        const torch::Tensor tensors = TensorRenderer(cache, size, torch::kCPU).render(all);
        ASSERT_EQ(tensors.sizes(), loops.sizes());
        const torch::Tensor differs = ~((tensors - loops).abs() <= 2e-3).all(1);
        EXPECT_LE(differs.sum().item<int64_t>(), differs.numel() / 1000);
    }

    TemporaryFolder folder;
    std::vector<DataSet> sets{painted_set(folder, "one", assorted_pictures())};
    PictureCache cache{pictures_of(sets), {.longest_side = 128}};
    PicturePlanner planner{sets, cache, size};
    std::vector<std::uint32_t> epoch{0, 1, 2, 3, 4, 5};
};

TEST_F(TensorRendererTest, PaintsWhatTheLoopsPaint) { expect_equal(plans({}, 20)); }

TEST_F(TensorRendererTest, PaintsWhatTheLoopsPaintUnderRotationBlurAndNoise) {
    AugmentationConfig config;
    config.rotate_degrees = 40;
    config.shear_degrees = 10;
    config.small = config.grey = 0.5;
    config.blur = config.noise = config.low_light = 0.7;
    expect_equal(plans(config, 20));
}

TEST_F(TensorRendererTest, PaintsLetterboxedPictures) {
    std::vector<PicturePlan> all;
    for (std::uint32_t picture = 0; picture < cache.size(); ++picture)
        all.push_back(planner.letterboxed(picture));
    expect_equal(all);
}

}  // namespace
}  // namespace caplamp::training
