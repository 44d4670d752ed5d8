// SPDX-License-Identifier: Apache-2.0
#include "training/replicas.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

#include "core/error.hpp"
#include "tests/training/tiny_network.hpp"
#include "training/weights_exchange.hpp"

namespace caplamp::training {
namespace {

struct Trained {
    nn::ModelTable table = tiny_table();
    nn::Graph graph = nn::build_graph(table);
    ParameterStore store{graph, torch::kCPU};
    Replicas replicas;

    explicit Trained(int workers) : replicas(graph, table, {}, prepared(), workers) {}

    ParameterStore& prepared() {
        initialise(store, graph, table, 1);
        return store;
    }
};

}  // namespace

TEST(Replicas, AddTheGradientsOfTheirParts) {
    const Batch batch = random_batch(4, 64, 1);
    Trained together(2);
    together.replicas.step(batch);
    torch::Tensor sum;
    torch::Tensor statistics;
    double target_score = 0;
    for (int part = 0; part < 2; ++part) {
        Trained alone(1);
        const Batch half = part_of(batch, part * 2, 2);
        const GraphModule module(alone.graph, alone.store, alone.table.batch_norm_momentum);
        const auto outputs = module.forward(half.images, Mode::train);
        const DetectionLoss loss(alone.table, {});
        const LossSums sums = loss.sums(outputs, half, loss.assign(outputs, half));
        sums.total({}).backward();
        target_score += sums.target_score;
        sum = part == 0 ? alone.store.gradients() : sum + alone.store.gradients();
        statistics =
            part == 0 ? alone.store.statistics() : (statistics + alone.store.statistics()) / 2;
    }
    const torch::Tensor expected = sum / std::max(target_score, 1.0);
    const double scale = expected.abs().max().item<double>();
    EXPECT_TRUE(farthest(together.store.gradients(), expected) <= 1e-5 * scale);
    EXPECT_TRUE(farthest(together.store.statistics(), statistics) <= 1e-5);
}

TEST(Replicas, GiveTheSameBitsAgain) {
    const Batch batch = random_batch(5, 64, 2);
    Trained first(2);
    Trained second(2);
    const double once = first.replicas.step(batch).total();
    EXPECT_EQ(once, second.replicas.step(batch).total());
    EXPECT_TRUE(torch::equal(first.store.gradients(), second.store.gradients()));
    EXPECT_TRUE(torch::equal(first.store.statistics(), second.store.statistics()));
}

TEST(Replicas, LeaveTheSurplusWorkerIdleOnASmallBatch) {
    Trained run(3);
    EXPECT_GT(run.replicas.step(random_batch(1, 64, 3)).total(), 0);
}

TEST(PartOf, KeepsTheBoxesOfItsPictures) {
    const Batch batch = random_batch(3, 64, 4);
    const Batch part = part_of(batch, 1, 2);
    EXPECT_EQ(part.images.size(0), 2);
    EXPECT_EQ(part.boxes.size(0), 6);
    EXPECT_EQ(part.picture_of[0].item<std::int64_t>(), 0);
    EXPECT_EQ(part.picture_of[5].item<std::int64_t>(), 1);
    EXPECT_TRUE(torch::equal(part.boxes, batch.boxes.narrow(0, 3, 6)));
}

TEST(SideBySide, RethrowsWhatAWorkerThrew) {
    EXPECT_THROW(side_by_side(3,
                              [](std::size_t worker) {
                                  if (worker == 2) throw Error("the last one failed");
                              }),
                 Error);
}

}  // namespace caplamp::training
