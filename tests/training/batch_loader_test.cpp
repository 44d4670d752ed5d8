// SPDX-License-Identifier: Apache-2.0
#include "training/batch_loader.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <stdexcept>

namespace caplamp::training {
namespace {

Batch numbered(std::uint64_t step) {
    Batch batch;
    batch.images = torch::full({1}, static_cast<double>(step));
    return batch;
}

TEST(BatchLoader, HandsOutEveryStepInOrder) {
    BatchLoader loader(numbered, 3, 20);
    for (int step = 3; step < 20; ++step) {
        const std::optional<Batch> batch = loader.next();
        ASSERT_TRUE(batch.has_value());
        EXPECT_EQ(batch->images.item<float>(), static_cast<float>(step));
    }
    EXPECT_FALSE(loader.next().has_value());
    EXPECT_FALSE(loader.next().has_value());
}

TEST(BatchLoader, WorksAheadButNotFurtherThanAsked) {
    std::atomic<int> made{0};
    std::promise<void> third;
    BatchLoader loader(
        [&](std::uint64_t step) {
            if (++made == 3) third.set_value();
            return numbered(step);
        },
        0, 100, 2);
    third.get_future().wait();  // two wait in the queue, the third in its maker's hands
    EXPECT_EQ(made, 3);
    EXPECT_EQ(loader.next()->images.item<float>(), 0);
}

TEST(BatchLoader, PassesAFailureOnAfterTheBatchesBeforeIt) {
    BatchLoader loader(
        [](std::uint64_t step) {
            if (step == 2) throw std::runtime_error("no such picture");
            return numbered(step);
        },
        0, 10);
    EXPECT_TRUE(loader.next().has_value());
    EXPECT_TRUE(loader.next().has_value());
    EXPECT_THROW(loader.next(), std::runtime_error);
}

TEST(BatchLoader, EndsWhileBatchesWait) {
    for (int i = 0; i < 20; ++i) {
        BatchLoader loader(numbered, 0, 1000, 1);
        EXPECT_TRUE(loader.next().has_value());
    }
}

}  // namespace
}  // namespace caplamp::training
