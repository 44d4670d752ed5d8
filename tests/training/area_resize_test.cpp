// SPDX-License-Identifier: Apache-2.0
#include "training/area_resize.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

namespace caplamp::training {
namespace {

std::vector<std::uint8_t> random_pixels(int height, int width) {
    std::mt19937 random(7);
    std::vector<std::uint8_t> pixels(static_cast<std::size_t>(height * width * 3));
    for (std::uint8_t& pixel : pixels) pixel = static_cast<std::uint8_t>(random() & 255U);
    return pixels;
}

// The mean over the covered area, from 60 x 60 points of every result pixel.
double brute_force(const std::vector<std::uint8_t>& pixels, int height, int width, double y0,
                   double y1, double x0, double x1, int channel) {
    constexpr int points = 60;
    double sum = 0;
    for (int i = 0; i < points; ++i)
        for (int j = 0; j < points; ++j) {
            const int y =
                std::min(height - 1, static_cast<int>(y0 + (y1 - y0) * (i + 0.5) / points));
            const int x =
                std::min(width - 1, static_cast<int>(x0 + (x1 - x0) * (j + 0.5) / points));
            sum += pixels[static_cast<std::size_t>((y * width + x) * 3 + channel)];
        }
    return sum / (points * points);
}

TEST(AreaResize, AveragesTwoByTwoPixelsExactly) {
    const std::vector<std::uint8_t> pixels{10, 0, 1, 20, 0, 1, 30, 0, 1, 60, 0, 3};
    std::vector<std::uint8_t> result(3);
    area_resize({pixels.data(), 2, 2}, 1, 1, result.data());
    EXPECT_EQ(result, (std::vector<std::uint8_t>{30, 0, 2}));  // 1.5 rounds up
}

TEST(AreaResize, KeepsAPictureOfTheWantedSize) {
    const std::vector<std::uint8_t> pixels = random_pixels(5, 7);
    std::vector<std::uint8_t> result(pixels.size());
    area_resize({pixels.data(), 5, 7}, 5, 7, result.data());
    EXPECT_EQ(result, pixels);
}

TEST(AreaResize, EqualsTheMeanOfTheCoveredAreaOnOddSizes) {
    struct Case {
        int height, width, new_height, new_width;
    };
    for (const Case& c : {Case{13, 17, 5, 6}, Case{7, 31, 7, 10}, Case{20, 9, 1, 8}}) {
        const std::vector<std::uint8_t> pixels = random_pixels(c.height, c.width);
        std::vector<std::uint8_t> result(static_cast<std::size_t>(c.new_height * c.new_width * 3));
        area_resize({pixels.data(), c.height, c.width}, c.new_height, c.new_width, result.data());
        const double step_y = static_cast<double>(c.height) / c.new_height;
        const double step_x = static_cast<double>(c.width) / c.new_width;
        for (int y = 0; y < c.new_height; ++y)
            for (int x = 0; x < c.new_width; ++x)
                for (int channel = 0; channel < 3; ++channel) {
                    const double expected =
                        brute_force(pixels, c.height, c.width, y * step_y, (y + 1) * step_y,
                                    x * step_x, (x + 1) * step_x, channel);
                    const double actual =
                        result[static_cast<std::size_t>((y * c.new_width + x) * 3 + channel)];
                    EXPECT_TRUE(std::abs(actual - expected) <= 3.5) << y << ' ' << x;
                }
    }
}

}  // namespace
}  // namespace caplamp::training
