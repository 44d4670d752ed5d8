// SPDX-License-Identifier: Apache-2.0
#include "datasets/yolo_labels.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "small_sets.hpp"

namespace caplamp::datasets {
namespace {

constexpr PictureSize picture{200, 100};

std::vector<Truth> read(const std::string& text, Problems* problems = nullptr) {
    const TemporaryFolder folder;
    return read_yolo_labels(folder.write("a.txt", text), picture, 3, problems);
}

void expect_box(const Box& box, Box expected) {
    EXPECT_TRUE(std::abs(box.x - expected.x) <= 1e-4 && std::abs(box.y - expected.y) <= 1e-4 &&
                std::abs(box.width - expected.width) <= 1e-4 &&
                std::abs(box.height - expected.height) <= 1e-4)
        << box.x << " " << box.y << " " << box.width << " " << box.height;
}

TEST(YoloLabels, AreCentresAndSizesInFractions) {
    const std::vector<Truth> truths = read("2 0.5 0.5 0.5 0.4\n\n0 0.1 0.2 0.1 0.1\r\n");
    ASSERT_EQ(truths.size(), 2u);
    EXPECT_EQ(truths[0].class_id, 2);
    expect_box(truths[0].box, {50, 30, 100, 40});
    EXPECT_EQ(truths[1].class_id, 0);
    expect_box(truths[1].box, {10, 15, 20, 10});
}

TEST(YoloLabels, TakeTheBoxAroundAPolygon) {
    const std::vector<Truth> truths = read("1 0.1 0.2 0.5 0.1 0.3 0.9\n");
    ASSERT_EQ(truths.size(), 1u);
    expect_box(truths[0].box, {20, 10, 80, 80});
}

TEST(YoloLabels, OfAnEmptyFileAreNone) { EXPECT_TRUE(read("").empty()); }

std::string message(const std::string& text) {
    const TemporaryFolder folder;
    const auto file = folder.write("a.txt", text);
    return complaint([&] { read_yolo_labels(file, picture, 3, nullptr); }, folder.path());
}

TEST(YoloLabels, NameTheLineThatIsWrong) {
    EXPECT_EQ(message("0 0.5 0.5 0.1 0.1\n0 0.5 0.5 0.1\n"),
              "a.txt:2: must be 'class x y width height' or 'class x1 y1 x2 y2 x3 y3 ...', has 4 "
              "words");
    EXPECT_EQ(message("0 0.5 0.5 0.1 0.1 0.9"),
              "a.txt:1: must be 'class x y width height' or 'class x1 y1 x2 y2 x3 y3 ...', has 6 "
              "words");
    EXPECT_EQ(message("\n0 0.5 half 0.1 0.1"), "a.txt:2: 'half' is not a number");
    EXPECT_EQ(message("0 0.5 nan 0.1 0.1"), "a.txt:1: 'nan' is not a number");
    EXPECT_EQ(message("3 0.5 0.5 0.1 0.1"), "a.txt:1: class 3 is none of the 3 classes");
    EXPECT_EQ(message("-1 0.5 0.5 0.1 0.1"), "a.txt:1: class -1 is none of the 3 classes");
    EXPECT_EQ(message("0.5 0.5 0.5 0.1 0.1"), "a.txt:1: class 0.5 is none of the 3 classes");
    EXPECT_EQ(message("0 120 0.5 0.1 0.1"), "a.txt:1: 120 is not a fraction of the picture, 0..1");
    EXPECT_EQ(message("0 0.5 0.5 -0.005 0.1"), "a.txt:1: has a negative size");
}

TEST(YoloLabels, KeepTheGoodLinesForACheck) {
    Problems problems;
    const std::vector<Truth> truths =
        read("0 0.5 0.5 0.1 0.1\nx\n1 0.5 0.5 0.1 0.1\n9 0 0 0 0", &problems);
    EXPECT_EQ(truths.size(), 2u);
    ASSERT_EQ(problems.size(), 2u);
    EXPECT_EQ(problems[0].kind, "malformed label");
    EXPECT_NE(problems[0].message.find("a.txt:2: "), std::string::npos);
    EXPECT_NE(problems[1].message.find("a.txt:4: "), std::string::npos);
}

}  // namespace
}  // namespace caplamp::datasets
