// SPDX-License-Identifier: Apache-2.0
#include "training/assigner.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

namespace caplamp::training {
namespace {

struct Scene {
    std::vector<Cell> cells;
    std::vector<float> scores;
    std::vector<Corners> boxes;
    std::vector<Target> targets;
    static constexpr int classes = 2;

    Answer answer() const { return {cells, scores, boxes, classes}; }
};

Scene random_scene(std::uint32_t seed, int objects) {
    std::mt19937 random(seed);
    std::uniform_real_distribution<float> unit(0, 1);
    Scene scene;
    scene.cells = cells_of({{6, 6}, {3, 3}}, {8, 16});
    for (const Cell& cell : scene.cells) {
        for (int c = 0; c < Scene::classes; ++c) scene.scores.push_back(unit(random));
        const auto side = [&] { return (0.3F + 2 * unit(random)) * cell.stride; };
        scene.boxes.push_back({cell.x - side(), cell.y - side(), cell.x + side(), cell.y + side()});
    }
    for (int i = 0; i < objects; ++i) {
        const float x = 40 * unit(random);
        const float y = 40 * unit(random);
        scene.targets.push_back({static_cast<int>(random() % Scene::classes),
                                 {x, y, x + 8 + 24 * unit(random), y + 8 + 24 * unit(random)}});
    }
    return scene;
}

/// The same assignment by whole matrices and plain words, as Ultralytics writes it down.
std::vector<AssignedCell> by_matrices(const AssignerConfig& config, const Scene& scene) {
    const std::size_t cells = scene.cells.size();
    const std::size_t objects = scene.targets.size();
    std::vector<std::vector<double>> overlap(objects, std::vector<double>(cells, 0));
    std::vector<std::vector<double>> alignment(objects, std::vector<double>(cells, -1));
    std::vector<std::vector<bool>> positive(objects, std::vector<bool>(cells, false));
    for (std::size_t t = 0; t < objects; ++t) {
        const Target& target = scene.targets[t];
        std::vector<std::size_t> inside;
        for (std::size_t i = 0; i < cells; ++i) {
            const Cell& cell = scene.cells[i];
            if (cell.x <= target.box.x1 || cell.x >= target.box.x2) continue;
            if (cell.y <= target.box.y1 || cell.y >= target.box.y2) continue;
            overlap[t][i] = std::max(0.0F, complete_iou(target.box, scene.boxes[i]));
            const auto column = static_cast<std::size_t>(target.class_id);
            alignment[t][i] =
                std::pow(static_cast<double>(scene.scores[i * Scene::classes + column]),
                         config.alpha) *
                std::pow(overlap[t][i], config.beta);
            inside.push_back(i);
        }
        std::ranges::stable_sort(inside, std::ranges::greater{},
                                 [&](std::size_t i) { return alignment[t][i]; });
        inside.resize(std::min(inside.size(), static_cast<std::size_t>(config.most_cells)));
        for (const std::size_t i : inside) positive[t][i] = true;
    }
    std::vector<int> owner(cells, -1);
    for (std::size_t i = 0; i < cells; ++i) {
        std::vector<std::size_t> claimants;
        for (std::size_t t = 0; t < objects; ++t) {
            if (positive[t][i]) claimants.push_back(t);
        }
        if (claimants.empty()) continue;
        std::size_t best = claimants[0];
        if (claimants.size() > 1) {
            best = 0;
            for (std::size_t t = 1; t < objects; ++t) {
                if (overlap[t][i] > overlap[best][i]) best = t;
            }
        }
        owner[i] = static_cast<int>(best);
    }
    std::vector<AssignedCell> result;
    for (std::size_t i = 0; i < cells; ++i) {
        if (owner[i] < 0) continue;
        const auto t = static_cast<std::size_t>(owner[i]);
        double best_alignment = 0;
        double best_overlap = 0;
        for (std::size_t j = 0; j < cells; ++j) {
            if (owner[j] != owner[i]) continue;
            best_alignment = std::max(best_alignment, alignment[t][j]);
            best_overlap = std::max(best_overlap, overlap[t][j]);
        }
        const double score = alignment[t][i] * best_overlap / (best_alignment + 1e-9);
        result.push_back({static_cast<int>(i), owner[i], static_cast<float>(score)});
    }
    return result;
}

}  // namespace

TEST(Assigner, AgreesWithBruteForceOnCrowdedScenes) {
    const AssignerConfig config{.most_cells = 4, .alpha = 0.5, .beta = 6.0, .least_side = 16};
    for (std::uint32_t seed = 0; seed < 300; ++seed) {
        const Scene scene = random_scene(seed, 1 + static_cast<int>(seed % 6));
        const auto found = assign(config, scene.answer(), scene.targets);
        const auto expected = by_matrices(config, scene);
        ASSERT_EQ(found.size(), expected.size()) << "seed " << seed;
        for (std::size_t i = 0; i < found.size(); ++i) {
            EXPECT_EQ(found[i].cell, expected[i].cell) << "seed " << seed;
            EXPECT_EQ(found[i].target, expected[i].target) << "seed " << seed;
            EXPECT_TRUE(std::abs(found[i].score - expected[i].score) <= 1e-5) << "seed " << seed;
        }
    }
}

TEST(Assigner, GivesTheBestCellItsOwnOverlapAsScore) {
    Scene scene = random_scene(1, 1);
    scene.targets[0] = {0, {8, 8, 40, 40}};
    float best = 0;
    float largest_overlap = 0;
    for (const AssignedCell& assigned : assign({}, scene.answer(), scene.targets)) {
        best = std::max(best, assigned.score);
        largest_overlap = std::max(
            largest_overlap, complete_iou(scene.targets[0].box,
                                          scene.boxes[static_cast<std::size_t>(assigned.cell)]));
    }
    EXPECT_TRUE(std::abs(best - largest_overlap) <= 1e-4);
}

TEST(Assigner, FindsCellsForAHeadSmallerThanTheFinestStride) {
    Scene scene = random_scene(2, 1);
    // No cell centre (4, 12, 20, ...) lies between 13 and 18.
    scene.targets[0] = {0, {13, 13, 18, 18}};
    EXPECT_FALSE(assign({}, scene.answer(), scene.targets).empty());
}

TEST(Assigner, AssignsNothingWithoutObjects) {
    const Scene scene = random_scene(3, 0);
    EXPECT_TRUE(assign({}, scene.answer(), scene.targets).empty());
}

TEST(Assigner, LeavesAnObjectOutsideThePictureAlone) {
    Scene scene = random_scene(4, 1);
    scene.targets[0] = {0, {200, 200, 240, 240}};
    EXPECT_TRUE(assign({}, scene.answer(), scene.targets).empty());
}

}  // namespace caplamp::training
