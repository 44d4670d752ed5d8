// SPDX-License-Identifier: Apache-2.0
#include "core/tensor.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <numeric>

namespace caplamp {
namespace {

TEST(Tensor, StartsAsZerosOnACacheLine) {
    const Tensor tensor(Shape{3, 5, 7});
    EXPECT_EQ(tensor.data().size(), 105U);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(tensor.data().data()) % 64, 0U);
    for (const float value : tensor.data()) EXPECT_EQ(value, 0);
}

TEST(TensorView, CountsChannelThenRowThenColumn) {
    Tensor tensor(Shape{2, 3, 4});
    std::iota(tensor.data().begin(), tensor.data().end(), 0.0F);
    EXPECT_EQ(tensor.view().at(1, 2, 3), 23);
    EXPECT_EQ(tensor.view().at(1, 0, 1), 13);
    EXPECT_EQ(tensor.view().channel(1).front(), 12);
    EXPECT_EQ(tensor.view().channel(1).size(), 12U);
}

TEST(TensorView, WritesThroughToItsOwner) {
    Tensor tensor(Shape{1, 2, 2});
    tensor.view().at(0, 1, 0) = 5;
    EXPECT_EQ(tensor.data()[2], 5);
}

}  // namespace
}  // namespace caplamp
