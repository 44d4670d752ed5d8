// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "nn/kernels/choose.hpp"
#include "nn/kernels/reference.hpp"
#include "tests/nn/kernel_rig.hpp"

namespace caplamp::nn {
namespace {

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

TEST(Kernels, AForcedRowIsPassedOverWhereItCannotDoTheRequest) {
    const AddRequest add{{16, 4, 4}, Layout::plain, 2};
    EXPECT_EQ(first_kernel(add, "onednn").row, "reference");
}

}  // namespace
}  // namespace caplamp::nn
