// SPDX-License-Identifier: Apache-2.0
#include "nn/linear_map.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "core/error.hpp"
#include "naive_network.hpp"

namespace caplamp::nn {
namespace {

constexpr double tolerance = 1e-12;

/// Shapes that catch index mistakes: odd, smaller than the kernel, one row.
constexpr Shape sizes[] = {{0, 7, 5}, {0, 3, 3}, {0, 1, 9}, {0, 8, 8}};

std::size_t count_of(const ConvGeometry& g) {
    return static_cast<std::size_t>(g.outputs * (g.inputs / g.groups) * g.kernel * g.kernel);
}

LinearMap random_map(ConvGeometry geometry, unsigned seed, bool bias = true) {
    geometry.bias = bias;
    LinearMap map{geometry, random_values(count_of(geometry), seed),
                  Doubles(static_cast<std::size_t>(geometry.outputs))};
    if (bias) map.bias = random_values(map.bias.size(), seed + 1);
    return map;
}

Shape with_channels(Shape shape, int channels) {
    shape.channels = channels;
    return shape;
}

Shape result_shape(const ConvGeometry& g, Shape input) {
    return {g.outputs, (input.height + 2 * g.padding - g.kernel) / g.stride + 1,
            (input.width + 2 * g.padding - g.kernel) / g.stride + 1};
}

bool fits(const ConvGeometry& g, Shape input) {
    return input.height + 2 * g.padding >= g.kernel && input.width + 2 * g.padding >= g.kernel;
}

Doubles run(const LinearMap& map, Shape shape, const Doubles& values, const Doubles& outside = {}) {
    return convolve(map.geometry, map.weights, map.bias, shape, values, outside);
}

Doubles plus(Doubles a, const Doubles& b) {
    for (std::size_t i = 0; i < a.size(); ++i) a[i] += b[i];
    return a;
}

TEST(LinearMap, FoldsABatchNormOfAnyGroupsAndStride) {
    for (const int groups : {1, 2, 6}) {
        const LinearMap map = random_map(
            {.inputs = 6, .outputs = 12, .kernel = 3, .stride = 2, .padding = 1, .groups = groups},
            11);
        std::vector<float> gamma(12);
        std::vector<float> beta(12);
        std::vector<float> mean(12);
        std::vector<float> variance(12);
        std::mt19937 engine(3);
        std::uniform_real_distribution<float> between(0.1F, 2.0F);
        for (auto* numbers : {&gamma, &beta, &mean, &variance}) {
            for (float& x : *numbers) x = between(engine);
        }
        const LinearMap folded = fold(map, {gamma, beta, mean, variance, 1e-3});
        const Shape shape{6, 7, 5};
        const Doubles input = random_values(shape.size(), 4);
        Doubles expected = run(map, shape, input);
        const std::size_t plane = result_shape(map.geometry, shape).plane();
        for (std::size_t i = 0; i < expected.size(); ++i) {
            const std::size_t c = i / plane;
            expected[i] =
                (expected[i] - mean[c]) / std::sqrt(variance[c] + 1e-3) * gamma[c] + beta[c];
        }
        EXPECT_LE(relative_error(run(folded, shape, input), expected), tolerance);
    }
}

TEST(LinearMap, TheIdentityChangesNothingWhateverItsGroups) {
    const Shape shape{6, 3, 5};
    const Doubles input = random_values(shape.size(), 1);
    for (const int groups : {6, 3, 2, 1}) {
        const LinearMap map = grow(regroup(identity_map(6), groups), 5);
        EXPECT_LE(relative_error(run(map, shape, input), input), tolerance) << groups;
    }
}

TEST(LinearMap, AddsKernelsOfAllSizesAndGroups) {
    for (const Shape& size : sizes) {
        for (const int stride : {1, 2, 3}) {
            std::vector<LinearMap> maps;
            for (const int kernel : {1, 3, 5, 7}) {
                const int groups = kernel == 3 ? 4 : kernel == 5 ? 2 : 8;
                maps.push_back(random_map({.inputs = 8,
                                           .outputs = 8,
                                           .kernel = kernel,
                                           .stride = stride,
                                           .padding = kernel / 2,
                                           .groups = groups},
                                          static_cast<unsigned>(10 * kernel + stride)));
            }
            const Shape shape = with_channels(size, 8);
            const Doubles input = random_values(shape.size(), 9);
            Doubles expected = run(maps[0], shape, input);
            for (std::size_t i = 1; i < maps.size(); ++i) {
                expected = plus(expected, run(maps[i], shape, input));
            }
            const LinearMap merged = sum(maps);
            EXPECT_EQ(merged.geometry.kernel, 7);
            EXPECT_EQ(merged.geometry.groups, 2);
            EXPECT_LE(relative_error(run(merged, shape, input), expected), tolerance);
        }
    }
}

TEST(LinearMap, RefusesASumWhoseCentresOrStridesDiffer) {
    const LinearMap three = random_map({.inputs = 4, .outputs = 4, .kernel = 3, .padding = 1}, 1);
    const LinearMap valid = random_map({.inputs = 4, .outputs = 4, .kernel = 3}, 2);
    const LinearMap two = random_map({.inputs = 4, .outputs = 4, .kernel = 2, .padding = 1}, 3);
    const LinearMap strided =
        random_map({.inputs = 4, .outputs = 4, .kernel = 3, .stride = 2, .padding = 1}, 4);
    EXPECT_THROW(sum({three, valid}), Error);
    EXPECT_THROW(sum({three, two}), Error);
    EXPECT_THROW(sum({three, strided}), Error);
    EXPECT_THROW(sum({}), Error);
}

TEST(LinearMap, ComposesAKernelWithAOneByOneBehindItWhateverThePadding) {
    for (const Shape& size : sizes) {
        for (const int groups : {1, 2}) {
            const LinearMap first = random_map({.inputs = 4,
                                                .outputs = 6,
                                                .kernel = 3,
                                                .stride = 2,
                                                .padding = 1,
                                                .groups = groups},
                                               21);
            const LinearMap second = random_map({.inputs = 6, .outputs = 8, .groups = groups}, 23);
            ASSERT_TRUE(composes_exactly(first.geometry, second.geometry));
            const Shape shape = with_channels(size, 4);
            const Doubles input = random_values(shape.size(), 5);
            const Doubles expected =
                run(second, result_shape(first.geometry, shape), run(first, shape, input));
            const LinearMap both = compose(first, second);
            EXPECT_EQ(both.geometry.groups, groups);
            EXPECT_LE(relative_error(run(both, shape, input), expected), tolerance);
        }
    }
}

TEST(LinearMap, ComposesUnpaddedKernelsOfDifferentStrides) {
    const LinearMap first =
        random_map({.inputs = 3, .outputs = 4, .kernel = 3, .stride = 2, .padding = 2}, 31);
    const LinearMap second =
        random_map({.inputs = 4, .outputs = 5, .kernel = 3, .stride = 2, .groups = 1}, 33);
    ASSERT_TRUE(composes_exactly(first.geometry, second.geometry));
    const Shape shape{3, 11, 9};
    const Doubles input = random_values(shape.size(), 6);
    const Doubles expected =
        run(second, result_shape(first.geometry, shape), run(first, shape, input));
    EXPECT_LE(relative_error(run(compose(first, second), shape, input), expected), tolerance);
}

// The trap of transform III: the padding between the two must hold the first one's bias.
TEST(LinearMap, AOneByOneWithBiasBeforeAPaddedKernelNeedsThePaddingToHoldTheBias) {
    const ConvGeometry one{.inputs = 3, .outputs = 4};
    const LinearMap second = random_map({.inputs = 4, .outputs = 5, .kernel = 3, .padding = 1}, 43);
    const Shape shape{3, 5, 4};
    const Shape middle{4, 5, 4};
    const Doubles input = random_values(shape.size(), 7);
    const LinearMap biased = random_map(one, 41);
    const Doubles composed = run(compose(biased, second), shape, input);
    const Doubles between = run(biased, shape, input);
    EXPECT_FALSE(composes_exactly(biased.geometry, second.geometry));
    EXPECT_GT(relative_error(composed, run(second, middle, between)), 1e-3);
    EXPECT_LE(relative_error(composed, run(second, middle, between, biased.bias)), tolerance);
    const LinearMap plain = random_map(one, 41, false);
    EXPECT_TRUE(composes_exactly(plain.geometry, second.geometry));
    EXPECT_LE(relative_error(run(compose(plain, second), shape, input),
                             run(second, middle, run(plain, shape, input))),
              tolerance);
}

TEST(LinearMap, StacksBranchesThatAreConcatenated) {
    const Shape shape{4, 6, 3};
    const Doubles input = random_values(shape.size(), 8);
    std::vector<LinearMap> maps;
    Doubles expected;
    for (const int kernel : {1, 3, 5}) {
        maps.push_back(random_map({.inputs = 4,
                                   .outputs = 2 * kernel,
                                   .kernel = kernel,
                                   .padding = kernel / 2,
                                   .groups = kernel == 3 ? 2 : 1},
                                  static_cast<unsigned>(50 + kernel)));
        const Doubles part = run(maps.back(), shape, input);
        expected.insert(expected.end(), part.begin(), part.end());
    }
    EXPECT_LE(relative_error(run(concat(maps), shape, input), expected), tolerance);
}

TEST(LinearMap, AnAveragePoolIsTheMeanOfItsWindow) {
    const Shape shape{2, 4, 4};
    const Doubles input = random_values(shape.size(), 2);
    const Doubles result = run(average_pool_map(2, 2, 2, 0), shape, input);
    ASSERT_EQ(result.size(), 8U);
    EXPECT_LE(std::abs(result[0] - (input[0] + input[1] + input[4] + input[5]) / 4), tolerance);
    EXPECT_LE(std::abs(result[7] - (input[26] + input[27] + input[30] + input[31]) / 4), tolerance);
}

TEST(LinearMap, ADilatedKernelSkipsWhatLiesBetweenItsTaps) {
    const LinearMap map = random_map({.inputs = 1, .outputs = 1, .kernel = 3}, 61);
    const LinearMap dilated = dilate(map, 2);
    EXPECT_EQ(dilated.geometry.kernel, 5);
    const Shape shape{1, 5, 5};
    const Doubles input = random_values(shape.size(), 3);
    double expected = map.bias[0];
    for (std::size_t y = 0; y < 3; ++y) {
        for (std::size_t x = 0; x < 3; ++x) {
            expected += map.weights[3 * y + x] * input[10 * y + 2 * x];
        }
    }
    EXPECT_LE(std::abs(run(dilated, shape, input)[0] - expected), tolerance);
}

TEST(LinearMap, RefusesShapesThatDoNotFit) {
    const LinearMap map = random_map({.inputs = 4, .outputs = 4, .kernel = 3, .groups = 2}, 1);
    EXPECT_THROW(grow(map, 4), Error);
    EXPECT_THROW(grow(map, 1), Error);
    EXPECT_THROW(regroup(map, 4), Error);
    EXPECT_THROW(dilate(map, 0), Error);
    EXPECT_THROW(compose(map, random_map({.inputs = 3, .outputs = 4}, 2)), Error);
    EXPECT_THROW(conv_map(map.geometry, std::vector<float>(3), {}), Error);
}

TEST(LinearMap, AddsRandomChainsExactly) {
    std::mt19937 engine(17);
    const auto pick = [&](int low, int high) {
        return std::uniform_int_distribution<int>(low, high)(engine);
    };
    for (unsigned trial = 0; trial < 60; ++trial) {
        const int groups = 1 << pick(0, 2);
        const int stride = pick(1, 3);
        const Shape shape{8, pick(1, 9), pick(1, 9)};
        const Doubles input = random_values(shape.size(), trial);
        std::vector<LinearMap> merged;
        Doubles expected;
        for (int b = pick(1, 4); b > 0; --b) {
            const int kernel = 2 * pick(0, 3) + 1;
            const LinearMap first = random_map({.inputs = 8,
                                                .outputs = 4,
                                                .kernel = kernel,
                                                .stride = stride,
                                                .padding = kernel / 2,
                                                .groups = groups},
                                               100 * trial + static_cast<unsigned>(b));
            const LinearMap second = random_map({.inputs = 4, .outputs = 8, .groups = groups},
                                                7 * trial + static_cast<unsigned>(b));
            ASSERT_TRUE(fits(first.geometry, shape));
            const Doubles part =
                run(second, result_shape(first.geometry, shape), run(first, shape, input));
            expected = expected.empty() ? part : plus(expected, part);
            merged.push_back(compose(first, second));
        }
        EXPECT_LE(relative_error(run(sum(merged), shape, input), expected), tolerance) << trial;
    }
}

}  // namespace
}  // namespace caplamp::nn
