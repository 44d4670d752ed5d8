// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <opencv2/core/mat.hpp>
#include <optional>
#include <string>
#include <vector>

#include "app/frame_result.hpp"

namespace caplamp::app {

/// What the strip below every picture says besides time and counts.
struct OverlayLabels {
    std::vector<std::string> classes;
    std::string model;  // "caplamp-s 640 f32"
};

/// Draws boxes on a copy of the picture, above a strip with the time in the source, the number of
/// each class and the frames per second. Colours are Okabe and Ito's, which colour-blind eyes
/// tell apart; helmets and bare heads also differ by label. All frames have the size of the first
/// picture, scaled to a long side of 640 to `long_side`; other pictures are fitted in.
class Overlay {
public:
    Overlay(OverlayLabels labels, cv::Size picture, int long_side);

    cv::Size size() const { return canvas_.size(); }
    /// Valid until the next call. Without a speed it is a still picture, which has no time. A
    /// picture that nobody has looked at says so, and why.
    const cv::Mat& draw(const FrameResult& result, std::optional<double> frames_per_second);

private:
    void draw_picture(const FrameResult& result);
    void draw_box(const Detection& detection, double scale, cv::Point offset);
    void draw_label(const std::string& text, cv::Point at, const cv::Scalar& colour);
    void draw_missing(const std::string& what, const std::string& reason);
    void draw_strip(const FrameResult& result, std::optional<double> frames_per_second);
    int text_width(const std::string& text) const;
    cv::Scalar colour_of(int class_id) const;
    std::string name_of(int class_id) const;

    OverlayLabels labels_;
    cv::Rect area_;  // of the picture on the canvas
    int line_ = 1;   // pixels
    double font_ = 0.4;
    int text_height_ = 9;
    cv::Mat canvas_;
    cv::Mat scaled_;
};

}  // namespace caplamp::app
