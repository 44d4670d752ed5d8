// SPDX-License-Identifier: Apache-2.0
#include "capture/letterbox.hpp"

#include <gtest/gtest.h>

#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>
#include <random>

namespace caplamp::capture {
namespace {

TEST(Letterbox, KeepsTheAspectOfAWideFrame) {
    const LetterboxGeometry g = letterbox_geometry(640, 400, 640);
    EXPECT_EQ(g.input_shape(), (Shape{3, 416, 640}));
    EXPECT_EQ(g.left, 0);
    EXPECT_EQ(g.top, 8);
    EXPECT_EQ(g.inner_height, 400);
}

TEST(Letterbox, AgreesWithUltralyticsOnOddSizes) {
    // Worked out with the published formulas: round(side * r), rest modulo 32, round(d / 2 - 0.1).
    const LetterboxGeometry a = letterbox_geometry(1279, 719, 640);
    EXPECT_EQ(a.input_shape(), (Shape{3, 384, 640}));
    EXPECT_EQ(a.inner_height, 360);
    EXPECT_EQ(a.top, 12);
    const LetterboxGeometry b = letterbox_geometry(500, 375, 320);
    EXPECT_EQ(b.input_shape(), (Shape{3, 256, 320}));
    EXPECT_EQ(b.inner_height, 240);
    const LetterboxGeometry c = letterbox_geometry(333, 500, 640);
    EXPECT_EQ(c.inner_width, 426);
    EXPECT_EQ(c.width, 448);
    EXPECT_EQ(c.left, 11);
}

TEST(Letterbox, TakesExtremeShapes) {
    EXPECT_EQ(letterbox_geometry(1, 1, 640).input_shape(), (Shape{3, 640, 640}));
    EXPECT_EQ(letterbox_geometry(8000, 6000, 640).input_shape(), (Shape{3, 480, 640}));
    EXPECT_EQ(letterbox_geometry(10000, 1, 640).input_shape(), (Shape{3, 32, 640}));
    EXPECT_EQ(letterbox_geometry(1, 10000, 640).input_shape(), (Shape{3, 640, 32}));
}

TEST(Letterbox, SidesAreAlwaysMultiplesAndHoldThePicture) {
    std::mt19937 random(1);
    std::uniform_int_distribution<int> side(1, 3000);
    for (int i = 0; i < 2000; ++i) {
        const LetterboxGeometry g = letterbox_geometry(side(random), side(random), 416);
        EXPECT_EQ(std::max(g.width, g.height), 416);
        EXPECT_EQ(g.width % 32, 0);
        EXPECT_EQ(g.height % 32, 0);
        EXPECT_LE(g.left + g.inner_width, g.width);
        EXPECT_LE(g.top + g.inner_height, g.height);
        EXPECT_LT(g.width - g.inner_width, 32);
        EXPECT_LT(g.height - g.inner_height, 32);
    }
}

TEST(Letterbox, BoxesComeBackExactly) {
    std::mt19937 random(2);
    std::uniform_int_distribution<int> side(1, 9000);
    std::uniform_real_distribution<float> share(0, 1);
    for (int i = 0; i < 2000; ++i) {
        const int width = side(random);
        const int height = side(random);
        const LetterboxGeometry g = letterbox_geometry(width, height, 640);
        const float x = share(random) * static_cast<float>(width);
        const float y = share(random) * static_cast<float>(height);
        const Box box{x, y, share(random) * (static_cast<float>(width) - x),
                      share(random) * (static_cast<float>(height) - y)};
        const Box back = g.to_picture(g.to_input(box));
        const float tolerance = 1e-5F * static_cast<float>(std::max(width, height)) + 1e-4F;
        EXPECT_TRUE(std::abs(back.x - box.x) <= tolerance);
        EXPECT_TRUE(std::abs(back.y - box.y) <= tolerance);
        EXPECT_TRUE(std::abs(back.right() - box.right()) <= tolerance);
        EXPECT_TRUE(std::abs(back.bottom() - box.bottom()) <= tolerance);
    }
}

TEST(Letterbox, BoxesAreClippedToThePicture) {
    const LetterboxGeometry g = letterbox_geometry(640, 400, 640);
    EXPECT_EQ(g.to_picture({-50, -50, 5000, 5000}), (Box{0, 0, 640, 400}));
    EXPECT_EQ(g.to_picture({0, 0, 640, 8}), (Box{0, 0, 640, 0}));
}

TEST(Letterbox, PutsRgbPlanesInsideAGreyBorder) {
    const cv::Mat picture(400, 640, CV_8UC3, cv::Scalar(10, 20, 30));
    const LetterboxGeometry g = letterbox_geometry(640, 400, 640);
    Tensor input(g.input_shape());
    Letterbox letterbox;
    letterbox.run(picture, g, input.view());
    const float inside[3] = {30, 20, 10};
    for (int c = 0; c < 3; ++c) {
        for (int y = 0; y < g.height; ++y) {
            const bool border = y < 8 || y >= 408;
            const float expected = (border ? 114.0F : inside[c]) / 255.0F;
            for (const int x : {0, 1, 333, 639}) {
                EXPECT_TRUE(std::abs(input.view().at(c, y, x) - expected) <= 1e-6F);
            }
        }
    }
}

TEST(Letterbox, EqualsThePlainWayOnOddSizes) {
    for (const cv::Size size : {cv::Size(1, 1), {7, 3}, {3, 7}, {101, 57}, {57, 101}, {333, 500}}) {
        cv::Mat picture(size, CV_8UC3);
        cv::randu(picture, cv::Scalar::all(0), cv::Scalar::all(255));
        const LetterboxGeometry g = letterbox_geometry(size.width, size.height, 96);
        cv::Mat scaled;
        cv::resize(picture, scaled, {g.inner_width, g.inner_height}, 0, 0, cv::INTER_LINEAR);
        cv::Mat padded;
        cv::copyMakeBorder(scaled, padded, g.top, g.height - g.inner_height - g.top, g.left,
                           g.width - g.inner_width - g.left, cv::BORDER_CONSTANT,
                           cv::Scalar::all(114));
        Tensor input(g.input_shape());
        std::ranges::fill(input.data(), -1.0F);
        Letterbox().run(picture, g, input.view());
        for (int c = 0; c < 3; ++c) {
            for (int y = 0; y < g.height; ++y) {
                for (int x = 0; x < g.width; ++x) {
                    const int value = padded.at<cv::Vec3b>(y, x)[2 - c];
                    const float expected = static_cast<float>(value) / 255.0F;
                    ASSERT_TRUE(std::abs(input.view().at(c, y, x) - expected) <= 1e-6F);
                }
            }
        }
    }
}

}  // namespace
}  // namespace caplamp::capture
