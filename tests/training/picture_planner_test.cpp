// SPDX-License-Identifier: Apache-2.0
#include "training/picture_planner.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/error.hpp"
#include "tests/training/painted_pictures.hpp"

namespace caplamp::training {
namespace {

constexpr int size = 96;
constexpr int cells = size / label_stride;

class PicturePlannerTest : public testing::Test {
protected:
    PicturePlan plan(std::uint64_t step, const AugmentationConfig& config = {}) const {
        return planner.augmented(config, {.step = step, .epoch = epoch});
    }
    static bool labelled(const PicturePlan& plan, int class_id, int y, int x) {
        return plan.labelled[static_cast<std::size_t>((class_id * cells + y) * cells + x)] != 0;
    }

    TemporaryFolder folder;
    std::vector<DataSet> sets{painted_set(folder, "one", assorted_pictures())};
    PictureCache cache{pictures_of(sets), {.longest_side = 128}};
    PicturePlanner planner{sets, cache, size};
    std::vector<std::uint32_t> epoch{0, 1, 2, 3, 4, 5};
};

TEST_F(PicturePlannerTest, CoversTheOutputWithTilesWithoutOverlap) {
    AugmentationConfig config;
    config.small = 0.5;
    for (std::uint64_t step = 0; step < 50; ++step) {
        std::vector<int> covered(size * size, 0);
        for (const Tile& tile : plan(step, config).tiles)
            for (int y = tile.area.top; y < tile.area.bottom; ++y)
                for (int x = tile.area.left; x < tile.area.right; ++x)
                    ++covered[static_cast<std::size_t>(y * size + x)];
        EXPECT_THAT(covered, testing::Each(1)) << step;
    }
}

TEST_F(PicturePlannerTest, ShowsThePictureThatTheEpochDrew) {
    for (std::uint64_t step = 0; step < 30; ++step)
        for (const bool mosaic : {false, true}) {
            const PicturePlan drawn = planner.augmented(
                {},
                {.step = step, .picture = 4, .epoch = std::span(epoch).first(1), .mosaic = mosaic});
            const auto shows = std::count_if(drawn.tiles.begin(), drawn.tiles.end(),
                                             [](const Tile& tile) { return tile.picture == 4; });
            EXPECT_EQ(shows, 1);
            EXPECT_TRUE(mosaic || drawn.tiles.size() == 1U);
        }
}

TEST_F(PicturePlannerTest, CutsBoxesToTheirTileAndDropsWhatIsLeftOfHiddenOnes) {
    AugmentationConfig config;
    config.scale_high = 3;
    std::size_t boxes = 0;
    for (std::uint64_t step = 0; step < 100; ++step) {
        const PicturePlan drawn = plan(step, config);
        for (const PlannedBox& box : drawn.boxes) {
            ++boxes;
            EXPECT_GE(box.x2 - box.x1, 2);
            EXPECT_GE(box.y2 - box.y1, 2);
            const bool in_a_tile =
                std::any_of(drawn.tiles.begin(), drawn.tiles.end(), [&](const Tile& tile) {
                    const Area& area = tile.area;
                    return box.x1 >= static_cast<float>(area.left) &&
                           box.x2 <= static_cast<float>(area.right) &&
                           box.y1 >= static_cast<float>(area.top) &&
                           box.y2 <= static_cast<float>(area.bottom);
                });
            EXPECT_TRUE(in_a_tile) << step;
        }
    }
    EXPECT_GT(boxes, 150U);
}

TEST_F(PicturePlannerTest, KeepsWithinTheScalesItIsGiven) {
    AugmentationConfig config;
    config.scale_low = 0.5;
    config.scale_high = 1.5;
    for (std::uint64_t step = 0; step < 100; ++step)
        for (const Tile& tile : plan(step, config).tiles) {
            const CachedPicture::Level& level = cache[tile.picture].level[0];
            const double longest = std::max(level.width, level.height);
            const double scale = longest / size / std::abs(tile.to_source.a);
            EXPECT_TRUE(scale >= 0.25 - 1e-9 && scale <= 1.5 + 1e-9) << scale;
        }
}

TEST_F(PicturePlannerTest, MarksCellsOfASetThatDoesNotLabelAClass) {
    sets.push_back(painted_set(folder, "two", assorted_pictures()));
    sets[1].labelled = {true, true, false};
    const PictureCache both(pictures_of(sets), {.longest_side = 128});
    const PicturePlanner mixed(sets, both, size);
    std::vector<std::uint32_t> all(both.size());
    std::iota(all.begin(), all.end(), 0U);
    int unlabelled = 0;
    int labelled_cells = 0;
    for (std::uint64_t step = 0; step < 40; ++step) {
        const PicturePlan drawn = mixed.augmented({}, {.step = step, .epoch = all});
        for (int y = 0; y < cells; ++y)
            for (int x = 0; x < cells; ++x) {
                bool expected = true;
                bool inside_one = false;
                for (const Tile& tile : drawn.tiles) {
                    const double u = (x + 0.5) * label_stride;
                    const double v = (y + 0.5) * label_stride;
                    const Affine& map = tile.to_source;
                    const CachedPicture::Level& level = both[tile.picture].level[0];
                    const double sx = map.a * u + map.c;
                    const double sy = map.e * v + map.f;
                    if (u < tile.area.left || u >= tile.area.right || v < tile.area.top ||
                        v >= tile.area.bottom || sx < 0 || sy < 0 || sx >= level.width ||
                        sy >= level.height)
                        continue;
                    inside_one = true;
                    expected = tile.picture < sets[0].samples.size();
                }
                if (!expected) {
                    ++unlabelled;
                    EXPECT_FALSE(labelled(drawn, 2, y, x)) << step;
                }
                if (!inside_one || !expected) continue;
                labelled_cells += labelled(drawn, 2, y, x);
            }
    }
    EXPECT_GT(unlabelled, 500);
    EXPECT_GT(labelled_cells, 500);
}

TEST_F(PicturePlannerTest, LabelsTheFillAroundAPictureThatLabelsNothing) {
    sets[0].labelled = {false, false, false};
    const PicturePlan drawn = planner.letterboxed(0);  // 120x80: 96x64 with 16 rows above
    EXPECT_TRUE(labelled(drawn, 0, 0, 0));
    EXPECT_TRUE(labelled(drawn, 0, 1, 5));
    EXPECT_FALSE(labelled(drawn, 0, 2, 5));
    EXPECT_FALSE(labelled(drawn, 0, 9, 11));
    EXPECT_TRUE(labelled(drawn, 0, 10, 11));
}

TEST_F(PicturePlannerTest, DoesNotCallARemnantBackground) {
    AugmentationConfig config;
    config.small = 0;
    config.scale_low = config.scale_high = 4;  // most rectangles are cut
    int remnants = 0;
    for (std::uint64_t step = 0; step < 200; ++step) {
        const PicturePlan drawn = plan(step, config);
        if (!drawn.boxes.empty()) continue;
        remnants += std::count(drawn.labelled.begin(), drawn.labelled.end(), 0) > 0;
    }
    EXPECT_GT(remnants, 0);
}

TEST_F(PicturePlannerTest, LetterboxesAsUltralyticsDoes) {
    const Affine map = planner.letterboxed(0).tiles.at(0).to_source.inverse();
    EXPECT_TRUE(std::abs(map.a - 0.8) <= 1e-12);
    EXPECT_TRUE(std::abs(map.c - 0) <= 1e-12);
    EXPECT_TRUE(std::abs(map.f - 16) <= 1e-12);
    const PicturePlan tall = planner.letterboxed(1);  // 64x130 -> 47x96, 24 columns left, 25 right
    const Affine narrow = tall.tiles.at(0).to_source.inverse();
    EXPECT_TRUE(std::abs(narrow.c - 24) <= 1e-9);
    const double right = narrow.a * cache[1].level[0].width + narrow.c;
    EXPECT_TRUE(std::abs(right - 71) <= 1e-9);
    ASSERT_EQ(tall.boxes.size(), 1U);
    EXPECT_TRUE(std::abs(tall.boxes[0].x1 - (24 + 20 * 47.0 / 64)) <= 1e-4);
    EXPECT_TRUE(std::abs(tall.boxes[0].y2 - 120 * 96.0 / 130) <= 1e-4);
}

TEST_F(PicturePlannerTest, RefusesWhatDoesNotFitTogether) {
    EXPECT_THROW(PicturePlanner(sets, cache, 100), Error);
    sets[0].samples.pop_back();
    EXPECT_THROW(PicturePlanner(sets, cache, size), Error);
}

TEST(Affine, TimesItsInverseIsTheIdentity) {
    const Affine map{0.5, -0.2, 7, 0.3, 2, -4};
    const Affine back = map.inverse();
    const double x = 3, y = -5;
    const double u = map.a * x + map.b * y + map.c;
    const double v = map.d * x + map.e * y + map.f;
    EXPECT_TRUE(std::abs(back.a * u + back.b * v + back.c - x) <= 1e-12);
    EXPECT_TRUE(std::abs(back.d * u + back.e * v + back.f - y) <= 1e-12);
}

}  // namespace
}  // namespace caplamp::training
