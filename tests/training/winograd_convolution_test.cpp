// SPDX-License-Identifier: Apache-2.0
#include "training/winograd_convolution.hpp"

#include <gtest/gtest.h>

#include "tests/training/tiny_network.hpp"

namespace caplamp::training {
namespace {

struct Case {
    int pictures, inputs, outputs, height, width;
};

nn::ConvGeometry geometry_of(const Case& c) {
    return {.inputs = c.inputs,
            .outputs = c.outputs,
            .kernel = 3,
            .stride = 1,
            .padding = 1,
            .groups = 1,
            .bias = false};
}

double relative(const torch::Tensor& a, const torch::Tensor& b) {
    return farthest(a, b) / b.abs().max().item<double>();
}

}  // namespace

TEST(WinogradConvolution, EqualsThePlainOneWithBothGradientsOnOddSizes) {
    for (const Case& c :
         {Case{1, 16, 16, 1, 1}, Case{2, 16, 32, 5, 7}, Case{3, 48, 16, 4, 4},
          Case{1, 32, 64, 13, 9}, Case{5, 64, 48, 6, 23}, Case{2, 16, 16, 40, 40}}) {
        auto generator = at::detail::createCPUGenerator(static_cast<std::uint64_t>(c.height));
        auto input = at::randn({c.pictures, c.inputs, c.height, c.width}, generator)
                         .contiguous(torch::MemoryFormat::ChannelsLast)
                         .set_requires_grad(true);
        auto weight = at::randn({c.outputs, c.inputs, 3, 3}, generator)
                          .contiguous(torch::MemoryFormat::ChannelsLast)
                          .set_requires_grad(true);
        if (!winograd_fits(geometry_of(c), input)) GTEST_SKIP() << "this CPU has no AVX2";
        const auto plain = torch::conv2d(input, weight, {}, 1, 1);
        const auto fast = winograd_convolution(input, weight);
        const auto upstream = at::randn(plain.sizes(), generator);
        const auto expected = torch::autograd::grad({plain}, {input, weight}, {upstream});
        const auto found = torch::autograd::grad({fast}, {input, weight}, {upstream});
        EXPECT_TRUE(relative(fast, plain) <= 1e-4) << c.height;
        EXPECT_TRUE(relative(found[0], expected[0]) <= 1e-4) << c.height;
        EXPECT_TRUE(relative(found[1], expected[1]) <= 1e-4) << c.height;
    }
}

TEST(WinogradConvolution, LeavesOtherConvolutionsToLibtorch) {
    const auto input = torch::zeros({1, 16, 8, 8});
    nn::ConvGeometry conv = geometry_of({1, 16, 16, 8, 8});
    EXPECT_FALSE(winograd_fits(conv, input.to(torch::kFloat64)));
    conv.stride = 2;
    EXPECT_FALSE(winograd_fits(conv, input));
    conv = geometry_of({1, 16, 24, 8, 8});
    EXPECT_FALSE(winograd_fits(conv, input));
    conv = geometry_of({1, 16, 16, 8, 8});
    conv.bias = true;
    EXPECT_FALSE(winograd_fits(conv, input));
}

}  // namespace caplamp::training
