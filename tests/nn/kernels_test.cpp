// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "nn/kernels/choose.hpp"
#include "nn/kernels/kernel.hpp"
#include "nn/kernels/onednn.hpp"
#include "nn/kernels/reference.hpp"

namespace caplamp::nn {
namespace {

using Floats = std::vector<float, CacheAlignedAllocator<float>>;

constexpr Layout layouts[] = {Layout::plain, Layout::blocked_8, Layout::blocked_16};

/// Odd sizes, one row, smaller than a kernel, and some that fill tiles.
constexpr Shape sizes[] = {{0, 7, 5}, {0, 1, 9}, {0, 3, 3}, {0, 12, 16}, {0, 13, 18}};

Floats random_floats(std::size_t count, unsigned seed) {
    std::mt19937 engine(seed);
    std::uniform_real_distribution<float> between(-1, 1);
    Floats values(count);
    for (float& value : values) value = between(engine);
    return values;
}

/// Runs with an output that must be written whole, padding included.
Floats run(Kernel& kernel, const std::vector<Floats>& inputs, Floats output) {
    std::vector<const float*> addresses;
    for (const Floats& input : inputs) addresses.push_back(input.data());
    std::vector<std::byte, CacheAlignedAllocator<std::byte>> scratch(kernel.scratch_bytes());
    kernel.bind({addresses, output.data(), scratch.data()});
    kernel.run();
    return output;
}

Floats nothing(Shape shape, Layout layout) {
    return Floats(floats_of(shape, layout), std::numeric_limits<float>::quiet_NaN());
}

Floats reordered(const Floats& values, Shape shape, Layout from, Layout to) {
    const auto kernel = reference::make_reorder({shape, from, to, 1});
    return run(*kernel, {values}, nothing(shape, to));
}

/// Whether a result in some layout is the plain one, with zeros as padding.
testing::AssertionResult equals(const Floats& result, Shape shape, Layout layout,
                                const Floats& plain, float tolerance) {
    const Floats expected = reordered(plain, shape, Layout::plain, layout);
    // Relative to the largest number: a sum's rounding follows its terms, not its value.
    float magnitude = 1.0F;
    for (const float x : expected) magnitude = std::max(magnitude, std::abs(x));
    const float allowed = tolerance * magnitude;
    for (std::size_t i = 0; i < expected.size(); ++i) {
        if (!(std::abs(result[i] - expected[i]) <= allowed)) {
            return testing::AssertionFailure()
                   << "at " << i << ": " << result[i] << " instead of " << expected[i];
        }
    }
    return testing::AssertionSuccess();
}

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

TEST(Kernels, EveryConvolutionAgreesWithTheReference) {
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

TEST(Kernels, AConvolutionWithoutBiasOrPaddingAgreesToo) {
    const ConvGeometry geometry{.inputs = 16, .outputs = 24, .kernel = 3};
    const Floats weights = random_floats(16 * 24 * 9, 3);
    for (const Layout layout : layouts) {
        ConvRequest request = conv_request(geometry, {0, 9, 6}, layout);
        request.weights = weights;
        compare_conv_rows(request, 4);
    }
}

TEST(Kernels, TheFirstConvolutionReadsThePicturePlain) {
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

template <class Request>
void compare_rows(const Request& request, Shape input_shape, Shape output_shape, Layout layout,
                  const Request& plain, const std::vector<Floats>& inputs) {
    const auto rows = kernel_table<Request>();
    const Floats expected =
        run(*rows.back().make(plain), inputs, nothing(output_shape, Layout::plain));
    std::vector<Floats> laid_out;
    for (const Floats& input : inputs) {
        laid_out.push_back(reordered(input, input_shape, Layout::plain, layout));
    }
    for (const KernelRow<Request>& row : rows) {
        const auto kernel = row.make(request);
        if (!kernel) continue;
        const Floats result = run(*kernel, laid_out, nothing(output_shape, layout));
        EXPECT_TRUE(equals(result, output_shape, layout, expected, 1e-5F)) << row.name;
    }
}

/// Calls visit(shape, layout) for all sizes, with channels that fill blocks and that do not.
template <class Visit>
void for_each_map(Visit visit) {
    for (const Shape& size : sizes) {
        for (const int channels : {16, 12, 3, 24}) {
            for (const Layout layout : layouts) {
                visit(Shape{channels, size.height, size.width}, layout);
            }
        }
    }
}

TEST(Kernels, EveryActivationAgreesWithTheReference) {
    for_each_map([](Shape shape, Layout layout) {
        for (const auto activation : {Activation::relu, Activation::silu}) {
            const ActivationRequest plain{shape, Layout::plain, activation, 1};
            ActivationRequest request = plain;
            request.layout = layout;
            compare_rows(request, shape, shape, layout, plain, {random_floats(shape.size(), 2)});
        }
    });
}

TEST(Kernels, EveryMaxPoolAgreesWithTheReference) {
    for_each_map([](Shape shape, Layout layout) {
        for (const int kernel : {3, 5}) {
            const MaxPoolRequest plain{shape, Layout::plain, kernel, 1};
            MaxPoolRequest request = plain;
            request.layout = layout;
            compare_rows(request, shape, shape, layout, plain, {random_floats(shape.size(), 2)});
        }
    });
}

TEST(Kernels, EveryUpsampleAgreesWithTheReference) {
    for_each_map([](Shape shape, Layout layout) {
        const UpsampleRequest plain{shape, Layout::plain, 2};
        UpsampleRequest request = plain;
        request.layout = layout;
        const Shape output{shape.channels, 2 * shape.height, 2 * shape.width};
        compare_rows(request, shape, output, layout, plain, {random_floats(shape.size(), 2)});
    });
}

TEST(Kernels, EveryAdditionAndAffineAgreesWithTheReference) {
    for_each_map([](Shape shape, Layout layout) {
        const std::vector<Floats> inputs{random_floats(shape.size(), 2),
                                         random_floats(shape.size(), 3),
                                         random_floats(shape.size(), 4)};
        compare_rows(AddRequest{shape, layout, 3}, shape, shape, layout,
                     AddRequest{shape, Layout::plain, 3}, inputs);
        const Floats scale = random_floats(static_cast<std::size_t>(shape.channels), 5);
        const Floats shift = random_floats(static_cast<std::size_t>(shape.channels), 6);
        compare_rows(AffineRequest{shape, layout, scale, shift}, shape, shape, layout,
                     AffineRequest{shape, Layout::plain, scale, shift}, {inputs[0]});
    });
}

TEST(Kernels, EveryReorderAgreesWithTheReference) {
    for_each_map([](Shape shape, Layout from) {
        const Floats plain = random_floats(shape.size(), 2);
        for (const Layout to : layouts) {
            const ReorderRequest request{shape, from, to, 1};
            const Floats input = reordered(plain, shape, Layout::plain, from);
            for (const KernelRow<ReorderRequest>& row : kernel_table<ReorderRequest>()) {
                const auto kernel = row.make(request);
                if (!kernel) continue;
                const Floats result = run(*kernel, {input}, nothing(shape, to));
                EXPECT_TRUE(equals(result, shape, to, plain, 0.0F)) << row.name;
            }
        }
    });
}

TEST(Kernels, ACopyMovesItsChannelsAndClearsThePadding) {
    for (const Layout layout : layouts) {
        const Shape from{12, 3, 5};
        const Shape to{20, 3, 5};
        const Floats source = random_floats(from.size(), 2);
        Floats expected = random_floats(to.size(), 3);
        Floats target = reordered(expected, to, Layout::plain, layout);
        for (std::size_t i = 0; i < 5 * from.plane(); ++i) {
            expected[15 * to.plane() + i] = source[3 * from.plane() + i];
        }
        const auto kernel = reference::make_copy({.input = from,
                                                  .output = to,
                                                  .layout = layout,
                                                  .from_channel = 3,
                                                  .to_channel = 15,
                                                  .channels = 5});
        target = run(*kernel, {reordered(source, from, Layout::plain, layout)}, target);
        EXPECT_TRUE(equals(target, to, layout, expected, 0.0F)) << to_string(layout);
    }
}

TEST(Kernels, TheSameConvolutionIsGivenTheSameKernelEveryTime) {
    const ConvGeometry geometry{.inputs = 32, .outputs = 32, .kernel = 3, .padding = 1};
    const Floats weights = random_floats(32 * 32 * 9, 3);
    ConvRequest request = conv_request(geometry, {0, 20, 20}, onednn::widest_layout());
    request.weights = weights;
    const std::string_view first = first_kernel(request, "").row;
    for (int i = 0; i < 5; ++i) EXPECT_EQ(first_kernel(request, "").row, first);
}

TEST(Kernels, AForcedRowIsTakenWhereItCanDoTheRequest) {
    const ConvGeometry geometry{.inputs = 16, .outputs = 16};
    const Floats weights = random_floats(16 * 16, 3);
    ConvRequest request = conv_request(geometry, {0, 4, 4}, Layout::plain);
    request.weights = weights;
    EXPECT_EQ(first_kernel(request, "reference").row, "reference");
    const AddRequest add{{16, 4, 4}, Layout::plain, 2};
    EXPECT_EQ(first_kernel(add, "onednn").row, "reference");
}

}  // namespace
}  // namespace caplamp::nn
