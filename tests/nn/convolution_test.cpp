// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <string>

#include "nn/kernels/choose.hpp"
#include "nn/kernels/onednn.hpp"
#include "nn/kernels/reference.hpp"
#include "tests/nn/kernel_rig.hpp"

namespace caplamp::nn {
namespace {

std::string describe(const ConvRequest& r) {
    const ConvGeometry& g = r.geometry;
    return "conv " + std::to_string(g.inputs) + "->" + std::to_string(g.outputs) + " k" +
           std::to_string(g.kernel) + " s" + std::to_string(g.stride) + " g" +
           std::to_string(g.groups) + " on " + std::to_string(r.input.height) + "x" +
           std::to_string(r.input.width) + " " + std::string(to_string(r.input_layout)) + " to " +
           std::string(to_string(r.output_layout)) + (r.accumulate ? " accumulating" : "") +
           " activation " + std::to_string(static_cast<int>(r.activation));
}

/// Compares every row of the table that takes the request with the reference; counts them.
int compare_conv_rows(const ConvRequest& request, unsigned seed) {
    ConvRequest plain = request;
    plain.input_layout = plain.output_layout = Layout::plain;
    const Floats input = random_floats(request.input.size(), seed);
    const Floats before = random_floats(request.output.size(), seed + 1);
    const Floats expected = run(*reference::make_conv(plain), {input}, before);
    int rows = 0;
    for (const KernelRow<ConvRequest>& row : kernel_table<ConvRequest>()) {
        const auto kernel = row.make(request);
        if (!kernel) continue;
        ++rows;
        const Floats start = request.accumulate ? reordered(before, request.output, Layout::plain,
                                                            request.output_layout)
                                                : nothing(request.output, request.output_layout);
        const Floats result = run(
            *kernel, {reordered(input, request.input, Layout::plain, request.input_layout)}, start);
        EXPECT_TRUE(equals(result, request.output, request.output_layout, expected, 1e-4F))
            << row.name << ": " << describe(request);
    }
    return rows;
}

ConvRequest conv_request(const ConvGeometry& geometry, Shape input, Layout layout) {
    ConvRequest request;
    request.geometry = geometry;
    request.input = {geometry.inputs, input.height, input.width};
    request.output = {geometry.outputs,
                      (input.height + 2 * geometry.padding - geometry.kernel) / geometry.stride + 1,
                      (input.width + 2 * geometry.padding - geometry.kernel) / geometry.stride + 1};
    request.input_layout = request.output_layout = layout;
    return request;
}

struct ConvCase {
    int inputs, outputs, kernel, stride, groups;
};

constexpr ConvCase conv_cases[] = {
    {16, 32, 3, 1, 1}, {32, 16, 1, 1, 1}, {24, 40, 3, 2, 1}, {12, 20, 3, 1, 1},
    {3, 16, 3, 2, 1},  {16, 3, 1, 1, 1},  {16, 16, 3, 1, 2}, {16, 16, 1, 1, 16},
    {32, 32, 5, 1, 1}, {8, 8, 7, 1, 8},   {48, 64, 3, 1, 1}, {5, 7, 3, 3, 1},
};

TEST(Convolution, EveryKernelAgreesWithTheReference) {
    int compared = 0;
    unsigned seed = 1;
    for (const ConvCase& c : conv_cases) {
        const ConvGeometry geometry{.inputs = c.inputs,
                                    .outputs = c.outputs,
                                    .kernel = c.kernel,
                                    .stride = c.stride,
                                    .padding = c.kernel / 2,
                                    .groups = c.groups,
                                    .bias = true};
        const Floats weights = random_floats(
            static_cast<std::size_t>(c.outputs * c.inputs / c.groups * c.kernel * c.kernel), 7);
        const Floats bias = random_floats(static_cast<std::size_t>(c.outputs), 8);
        for (const Shape& size : sizes) {
            for (const Layout layout : layouts) {
                ConvRequest request = conv_request(geometry, size, layout);
                request.weights = weights;
                request.bias = bias;
                for (const auto activation :
                     {Activation::none, Activation::relu, Activation::silu}) {
                    request.activation = activation;
                    request.accumulate = seed % 2 == 0;
                    compared += compare_conv_rows(request, ++seed);
                }
            }
        }
    }
    EXPECT_GE(compared, 3 * 60);
}

TEST(Convolution, AgreesWithoutBiasOrPaddingToo) {
    const ConvGeometry geometry{.inputs = 16, .outputs = 24, .kernel = 3};
    const Floats weights = random_floats(16 * 24 * 9, 3);
    for (const Layout layout : layouts) {
        ConvRequest request = conv_request(geometry, {0, 9, 6}, layout);
        request.weights = weights;
        compare_conv_rows(request, 4);
    }
}

TEST(Convolution, ReadsThePicturePlain) {
    const ConvGeometry geometry{
        .inputs = 3, .outputs = 16, .kernel = 3, .stride = 2, .padding = 1, .bias = true};
    const Floats weights = random_floats(16 * 3 * 9, 3);
    const Floats bias = random_floats(16, 5);
    ConvRequest request = conv_request(geometry, {0, 14, 22}, onednn::widest_layout());
    request.input_layout = Layout::plain;
    request.weights = weights;
    request.bias = bias;
    request.activation = Activation::silu;
    EXPECT_GE(compare_conv_rows(request, 6), 1);
}

TEST(Convolution, IsGivenTheSameKernelEveryTime) {
    const ConvGeometry geometry{.inputs = 32, .outputs = 32, .kernel = 3, .padding = 1};
    const Floats weights = random_floats(32 * 32 * 9, 3);
    ConvRequest request = conv_request(geometry, {0, 20, 20}, onednn::widest_layout());
    request.weights = weights;
    const std::string_view first = first_kernel(request, "").row;
    for (int i = 0; i < 5; ++i) EXPECT_EQ(first_kernel(request, "").row, first);
}

TEST(Convolution, TakesTheForcedRow) {
    const ConvGeometry geometry{.inputs = 16, .outputs = 16};
    const Floats weights = random_floats(16 * 16, 3);
    ConvRequest request = conv_request(geometry, {0, 4, 4}, Layout::plain);
    request.weights = weights;
    EXPECT_EQ(first_kernel(request, "reference").row, "reference");
}

}  // namespace
}  // namespace caplamp::nn
