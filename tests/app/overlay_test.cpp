// SPDX-License-Identifier: Apache-2.0
#include "app/overlay.hpp"

#include <gtest/gtest.h>

#include <opencv2/core.hpp>

namespace caplamp::app {
namespace {

const OverlayLabels labels{.classes = {"helmet", "head", "person", "dog"},
                           .model = "caplamp-s 640 f32"};

FrameResult seen(cv::Size size, Detections detections) {
    FrameResult result;
    result.image = cv::Mat(size, CV_8UC3, cv::Scalar::all(128));
    result.detections = std::move(detections);
    return result;
}

int pixels_of(const cv::Mat& picture, const cv::Vec3b& colour) {
    cv::Mat found;
    const cv::Scalar exact(colour[0], colour[1], colour[2]);
    const cv::Scalar edge = cv::Scalar::all(30);  // letters have soft edges
    cv::inRange(picture, exact - edge, exact + edge, found);
    return cv::countNonZero(found);
}

const cv::Vec3b bluish_green(115, 158, 0);
const cv::Vec3b vermilion(0, 94, 213);

TEST(Overlay, DrawsEachClassInItsColourAroundTheBox) {
    Overlay overlay(labels, {640, 480}, 1920);
    const cv::Mat& canvas = overlay.draw(
        seen({640, 480}, {{0, 0.9F, {100, 200, 60, 80}}, {1, 0.8F, {400, 200, 60, 80}}}), 17);
    EXPECT_GT(pixels_of(canvas(cv::Rect(95, 240, 10, 10)), bluish_green), 0);
    EXPECT_GT(pixels_of(canvas(cv::Rect(395, 240, 10, 10)), vermilion), 0);
    EXPECT_EQ(canvas.at<cv::Vec3b>(240, 130), cv::Vec3b(128, 128, 128));  // not filled
}

TEST(Overlay, DoesNotTouchThePictureItIsGiven) {
    Overlay overlay(labels, {64, 64}, 1920);
    const FrameResult result = seen({64, 64}, {{0, 0.9F, {10, 10, 30, 30}}});
    overlay.draw(result, 1);
    EXPECT_EQ(pixels_of(result.image, {128, 128, 128}), 64 * 64);
}

TEST(Overlay, HasEvenSidesAndAStripForEverySize) {
    for (const cv::Size size :
         {cv::Size(1, 1), {3, 5}, {641, 481}, {8000, 6000}, {8000, 1}, {1, 999}}) {
        Overlay overlay(labels, size, 1920);
        EXPECT_EQ(overlay.size().width % 2, 0);
        EXPECT_EQ(overlay.size().height % 2, 0);
        EXPECT_LE(overlay.size().width, 1920);
        const cv::Mat& canvas = overlay.draw(
            seen(size, {{2,
                         0.5F,
                         {0, 0, static_cast<float>(size.width), static_cast<float>(size.height)}}}),
            10);
        EXPECT_EQ(canvas.size(), overlay.size());
    }
}

TEST(Overlay, EnlargesSmallPicturesSoThatLabelsCanBeRead) {
    EXPECT_EQ(Overlay(labels, {320, 240}, 1920).size().width, 640);
    EXPECT_EQ(Overlay(labels, {1280, 720}, 1920).size().width, 1280);
    EXPECT_EQ(Overlay(labels, {1280, 720}, 512).size().width, 512);
}

TEST(Overlay, FitsPicturesOfOtherSizesIn) {
    Overlay overlay(labels, {640, 480}, 1920);
    const cv::Mat& canvas = overlay.draw(seen({100, 400}, {}), 1);
    EXPECT_EQ(canvas.at<cv::Vec3b>(240, 320), cv::Vec3b(128, 128, 128));
    EXPECT_EQ(canvas.at<cv::Vec3b>(240, 10), cv::Vec3b(0, 0, 0));
}

TEST(Overlay, ShowsThatThereWasNoPicture) {
    Overlay overlay(labels, {640, 480}, 1920);
    FrameResult lost;
    lost.status = FrameStatus::unknown;
    lost.reason = "camera away";
    const cv::Mat picture = overlay.draw(lost, 1).rowRange(0, 480);
    EXPECT_GT(pixels_of(picture, {66, 228, 240}), 20);
}

TEST(Overlay, APictureThatNobodyLookedAtDoesNotLookEmpty) {
    Overlay overlay(labels, {640, 480}, 1920);
    FrameResult dropped = seen({640, 480}, {});
    dropped.status = FrameStatus::dropped;
    dropped.reason = "more frames than credits";
    const cv::Mat picture = overlay.draw(dropped, 1).rowRange(0, 480);
    EXPECT_GT(pixels_of(picture, {66, 228, 240}), 20);
    EXPECT_LT(picture.at<cv::Vec3b>(100, 320)[0], 64);
}

TEST(Overlay, TakesBoxesAtAndBeyondTheEdges) {
    Overlay overlay(labels, {320, 240}, 1920);
    const Detections boxes{{0, 1, {0, 0, 1, 1}},
                           {1, 1, {319, 239, 1, 1}},
                           {2, 1, {0, 0, 320, 240}},
                           {3, 1, {-50, -50, 900, 900}},
                           {9, 1, {100, 100, 0, 0}}};
    EXPECT_FALSE(overlay.draw(seen({320, 240}, boxes), 1).empty());
}

}  // namespace
}  // namespace caplamp::app
