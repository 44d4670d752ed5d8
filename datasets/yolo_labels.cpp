// SPDX-License-Identifier: Apache-2.0
#include "datasets/yolo_labels.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>

#include "datasets/text.hpp"

namespace caplamp::datasets {
namespace {

// Rounded labels may touch 1.000001; a value of 1.01 is no rounding any more.
constexpr double slack = 0.01;

// A line's numbers, or why there are none.
struct Line {
    std::vector<double> numbers;
    std::string complaint;
};

Line parse(std::string_view text, std::size_t class_count) {
    Line line;
    const std::vector<std::string_view> words = words_of(text);
    if (words.size() != 5 && (words.size() < 7 || words.size() % 2 == 0)) {
        line.complaint = "must be 'class x y width height' or 'class x1 y1 x2 y2 x3 y3 ...', has " +
                         std::to_string(words.size()) + " words";
        return line;
    }
    for (const std::string_view word : words) {
        const std::optional<double> number = number_in(word);
        if (!number) {
            line.complaint = std::string("'").append(word).append("' is not a number");
            return line;
        }
        line.numbers.push_back(*number);
    }
    const double id = line.numbers[0];
    if (id != std::floor(id) || id < 0 || id >= static_cast<double>(class_count))
        line.complaint = std::string("class ")
                             .append(words[0])
                             .append(" is none of the ")
                             .append(std::to_string(class_count))
                             .append(" classes");
    for (std::size_t i = 1; i < words.size() && line.complaint.empty(); ++i)
        if (line.numbers[i] < -slack || line.numbers[i] > 1 + slack)
            line.complaint = std::string(words[i]) + " is not a fraction of the picture, 0..1";
    if (line.complaint.empty() && words.size() == 5 && (line.numbers[3] < 0 || line.numbers[4] < 0))
        line.complaint = "has a negative size";
    return line;
}

Box scaled(double left, double top, double width, double height, PictureSize picture) {
    return {.x = static_cast<float>(left * picture.width),
            .y = static_cast<float>(top * picture.height),
            .width = static_cast<float>(width * picture.width),
            .height = static_cast<float>(height * picture.height)};
}

Box box_of(const std::vector<double>& numbers, PictureSize picture) {
    if (numbers.size() == 5)
        return scaled(numbers[1] - numbers[3] / 2, numbers[2] - numbers[4] / 2, numbers[3],
                      numbers[4], picture);
    double left = 2;
    double top = 2;
    double right = -1;
    double bottom = -1;
    for (std::size_t i = 1; i < numbers.size(); i += 2) {
        left = std::min(left, numbers[i]);
        right = std::max(right, numbers[i]);
        top = std::min(top, numbers[i + 1]);
        bottom = std::max(bottom, numbers[i + 1]);
    }
    return scaled(left, top, right - left, bottom - top, picture);
}

}  // namespace

std::vector<Truth> read_yolo_labels(const std::filesystem::path& file, PictureSize picture,
                                    std::size_t class_count, Problems* problems) {
    std::vector<Truth> truths;
    const std::string text = read_text(file, 64U << 20);
    const std::vector<std::string_view> lines = lines_of(text);
    for (std::size_t i = 0; i < lines.size(); ++i) {
        if (words_of(lines[i]).empty()) continue;
        const Line line = parse(lines[i], class_count);
        if (line.complaint.empty())
            truths.push_back({.class_id = static_cast<int>(line.numbers[0]),
                              .box = box_of(line.numbers, picture)});
        else
            reject(problems, "malformed label", at_line(file, i + 1) + line.complaint);
    }
    return truths;
}

}  // namespace caplamp::datasets
