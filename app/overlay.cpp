// SPDX-License-Identifier: Apache-2.0
#include "app/overlay.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <opencv2/imgproc.hpp>
#include <utility>

namespace caplamp::app {
namespace {

// Blue, green, red. Okabe and Ito 2008, "Color Universal Design".
const cv::Scalar bluish_green(115, 158, 0);
const cv::Scalar vermilion(0, 94, 213);
const cv::Scalar sky_blue(233, 180, 86);
const cv::Scalar strip_colour(34, 30, 28);
const cv::Scalar strip_text(225, 225, 225);
const cv::Scalar warning(66, 228, 240);  // yellow
constexpr int least_side = 64;           // encoders dislike smaller pictures
constexpr int font_face = cv::FONT_HERSHEY_SIMPLEX;

/// The canvas' picture area for a first picture of that size; sides even, as 4:2:0 video wants.
cv::Size area_for(cv::Size picture, int long_side) {
    const double largest = std::max(picture.width, picture.height);
    // Letters on a smaller picture could not be read, or would cover it.
    const double least = std::min(640, long_side);
    const double scale = std::clamp(1.0, least / largest, long_side / largest);
    const auto side = [scale](int pixels) {
        const int scaled = std::max(least_side, static_cast<int>(std::lround(pixels * scale)));
        return scaled + scaled % 2;
    };
    return {side(picture.width), side(picture.height)};
}

std::string clock_text(double seconds) {
    const auto tenths = static_cast<long long>(std::floor(std::max(0.0, seconds) * 10 + 1e-6));
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%02lld:%02lld:%02lld.%lld", tenths / 36000,
                  tenths / 600 % 60, tenths / 10 % 60, tenths % 10);
    return text.data();
}

std::string number_text(const char* format, double value) {
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), format, value);
    return text.data();
}

/// Black or white, whichever reads better (ITU-R BT.601 luma).
cv::Scalar ink_on(const cv::Scalar& colour) {
    const double luma = 0.114 * colour[0] + 0.587 * colour[1] + 0.299 * colour[2];
    return luma > 140 ? cv::Scalar(20, 20, 20) : cv::Scalar(255, 255, 255);
}

}  // namespace

Overlay::Overlay(OverlayLabels labels, cv::Size picture, int long_side)
    : labels_(std::move(labels)) {
    const cv::Size area = area_for(picture, long_side);
    area_ = {0, 0, area.width, area.height};
    const double unit = std::clamp(std::max(area.width, area.height) / 768.0, 0.75, 3.0);
    line_ = std::max(1, static_cast<int>(std::lround(1.4 * unit)));
    font_ = 0.4 * unit;
    text_height_ = cv::getTextSize("Ag0", font_face, font_, 1, nullptr).height;
    const int strip = text_height_ * 5 / 2;
    canvas_.create(area.height + strip + strip % 2, area.width, CV_8UC3);
}

const cv::Mat& Overlay::draw(const FrameResult& result, std::optional<double> frames_per_second) {
    canvas_.setTo(cv::Scalar::all(0));
    if (!result.image.empty()) draw_picture(result);
    if (!was_looked_at(result.status)) {
        // The picture, if there is one, only as a shadow: nobody has looked for people in it.
        canvas_ *= 0.35;
        draw_missing(result.image.empty() ? "NO PICTURE" : "NOT LOOKED AT", result.reason);
    }
    draw_strip(result, frames_per_second);
    return canvas_;
}

void Overlay::draw_picture(const FrameResult& result) {
    const cv::Size picture = result.image.size();
    const double scale = std::min(static_cast<double>(area_.width) / picture.width,
                                  static_cast<double>(area_.height) / picture.height);
    const cv::Size inner(
        std::clamp(static_cast<int>(std::lround(picture.width * scale)), 1, area_.width),
        std::clamp(static_cast<int>(std::lround(picture.height * scale)), 1, area_.height));
    const cv::Point offset((area_.width - inner.width) / 2, (area_.height - inner.height) / 2);
    cv::Mat place = canvas_(cv::Rect(offset, inner));
    cv::resize(result.image, place, inner, 0, 0, scale < 1 ? cv::INTER_AREA : cv::INTER_LINEAR);
    // The weakest first, so that the surest lie on top; persons below the heads they carry.
    Detections order = result.detections;
    std::ranges::stable_sort(order, [this](const Detection& a, const Detection& b) {
        const bool person_a = name_of(a.class_id) == "person";
        const bool person_b = name_of(b.class_id) == "person";
        return person_a != person_b ? person_a : a.score < b.score;
    });
    for (const Detection& detection : order) draw_box(detection, scale, offset);
}

void Overlay::draw_box(const Detection& detection, double scale, cv::Point offset) {
    const auto at = [scale](float pixels) { return static_cast<int>(std::lround(pixels * scale)); };
    const Box& box = detection.box;
    const cv::Rect edges(offset.x + at(box.x), offset.y + at(box.y), std::max(1, at(box.width)),
                         std::max(1, at(box.height)));
    const cv::Scalar colour = colour_of(detection.class_id);
    const std::string name = name_of(detection.class_id);
    cv::rectangle(canvas_, edges, colour, line_);
    const std::string text = name + number_text(" %.2f", static_cast<double>(detection.score));
    // A person's label hangs at the feet, where it does not cover the label of the head.
    const int height = text_height_ * 3 / 2;
    const int y = name == "person" ? edges.br().y - height : edges.y - height;
    draw_label(text, {edges.x, y}, colour);
}

void Overlay::draw_label(const std::string& text, cv::Point at, const cv::Scalar& colour) {
    const int margin = text_height_ / 3;
    const cv::Size size(text_width(text) + 2 * margin, text_height_ * 3 / 2);
    at.x = std::clamp(at.x, 0, std::max(0, area_.width - size.width));
    at.y = std::clamp(at.y, 0, std::max(0, area_.height - size.height));
    const cv::Rect plate = cv::Rect(at, size) & area_;
    if (plate.empty()) return;
    canvas_(plate).setTo(colour);
    const cv::Point baseline(at.x + margin, at.y + (size.height + text_height_) / 2);
    cv::putText(canvas_(area_), text, baseline, font_face, font_, ink_on(colour), 1, cv::LINE_AA);
}

void Overlay::draw_missing(const std::string& what, const std::string& reason) {
    const cv::Point middle(text_height_, area_.height / 2);
    cv::putText(canvas_, what, middle, font_face, font_ * 2, warning, line_, cv::LINE_AA);
    cv::putText(canvas_, reason, middle + cv::Point(0, text_height_ * 2), font_face, font_, warning,
                1, cv::LINE_AA);
}

void Overlay::draw_strip(const FrameResult& result, std::optional<double> frames_per_second) {
    cv::Mat strip = canvas_.rowRange(area_.height, canvas_.rows);
    strip.setTo(strip_colour);
    const int margin = text_height_;
    const int baseline = (strip.rows + text_height_) / 2;
    const auto write = [&](const std::string& text, int x) {
        cv::putText(strip, text, {x, baseline}, font_face, font_, strip_text, 1, cv::LINE_AA);
        return x + text_width(text) + margin;
    };
    int x = margin;
    if (frames_per_second) x = write(clock_text(result.media_time.count()), x);
    for (int id = 0; id < static_cast<int>(labels_.classes.size()); ++id) {
        const auto count = std::ranges::count(result.detections, id, &Detection::class_id);
        const std::string text = name_of(id) + " " + std::to_string(count);
        const cv::Rect patch(x, baseline - text_height_, text_height_, text_height_);
        if (x + 2 * margin + text_width(text) > strip.cols) break;
        strip(patch).setTo(colour_of(id));
        x = write(text, x + text_height_ * 3 / 2);
    }
    std::string speed = labels_.model;
    if (frames_per_second) speed += number_text("  %.1f fps", *frames_per_second);
    const int right = strip.cols - margin - text_width(speed);
    if (right > x) write(speed, right);
}

int Overlay::text_width(const std::string& text) const {
    return cv::getTextSize(text, font_face, font_, 1, nullptr).width;
}

std::string Overlay::name_of(int class_id) const {
    const auto index = static_cast<std::size_t>(class_id);
    return index < labels_.classes.size() ? labels_.classes[index] : std::to_string(class_id);
}

cv::Scalar Overlay::colour_of(int class_id) const {
    const std::string name = name_of(class_id);
    if (name == "helmet") return bluish_green;
    if (name == "head") return vermilion;
    if (name == "person") return sky_blue;
    // Orange, reddish purple, yellow, blue: the rest of the palette for other people's classes.
    static const std::array<cv::Scalar, 4> others{
        cv::Scalar(0, 159, 230), cv::Scalar(167, 121, 204), cv::Scalar(66, 228, 240),
        cv::Scalar(178, 114, 0)};
    return others[static_cast<std::size_t>(class_id) % others.size()];
}

}  // namespace caplamp::app
