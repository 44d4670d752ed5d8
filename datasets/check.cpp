// SPDX-License-Identifier: Apache-2.0
#include "datasets/check.hpp"

#include <algorithm>
#include <sstream>

#include "datasets/duplicates.hpp"

namespace caplamp::datasets {
namespace {

constexpr std::array<float, 3> height_steps{16, 32, 96};
constexpr float edge_slack = 1;  // pixels; rounding in six decimals is far below

double median(std::vector<float> values) {
    if (values.empty()) return 0;
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

ClassCount count_class(const LabelledSet& set, std::size_t id) {
    ClassCount count;
    count.name = set.names[id];
    count.labelled = set.labelled[id];
    std::vector<float> heights;
    for (const LabelledPicture& picture : set.pictures) {
        const int before = count.instances;
        for (const Truth& truth : picture.truths) {
            if (static_cast<std::size_t>(truth.class_id) != id) continue;
            ++count.instances;
            heights.push_back(truth.box.height);
            const auto step = std::ranges::upper_bound(height_steps, truth.box.height);
            ++count.by_height[static_cast<std::size_t>(step - height_steps.begin())];
        }
        if (count.instances > before) ++count.pictures;
    }
    count.median_height = median(std::move(heights));
    return count;
}

std::string text_of(const Box& box) {
    std::ostringstream text;
    text << "[" << box.x << ", " << box.y << ", " << box.width << ", " << box.height << "]";
    return text.str();
}

void check_boxes(const LabelledPicture& picture, Problems& problems) {
    for (std::size_t i = 0; i < picture.truths.size(); ++i) {
        const Box& box = picture.truths[i].box;
        const std::string where = picture.labels.string() + ": " +
                                  picture.file.filename().string() + ", box " +
                                  std::to_string(i + 1) + " " + text_of(box) + " ";
        if (box.width <= 0 || box.height <= 0)
            problems.push_back({"no area", where + "has no area"});
        if (box.x < -edge_slack || box.y < -edge_slack ||
            box.right() > static_cast<float>(picture.width) + edge_slack ||
            box.bottom() > static_cast<float>(picture.height) + edge_slack)
            problems.push_back({"out of range", where + "leaves its picture of " +
                                                    std::to_string(picture.width) + "x" +
                                                    std::to_string(picture.height)});
    }
}

}  // namespace

SplitSummary summarise(const LabelledSet& set) {
    SplitSummary summary;
    summary.split = set.split;
    summary.pictures = static_cast<int>(set.pictures.size());
    summary.background = static_cast<int>(std::ranges::count_if(
        set.pictures, [](const LabelledPicture& picture) { return picture.truths.empty(); }));
    for (std::size_t id = 0; id < set.names.size(); ++id)
        summary.classes.push_back(count_class(set, id));
    return summary;
}

Problems check(std::span<const LabelledSet> splits) {
    Problems problems;
    for (const LabelledSet& split : splits)
        for (const LabelledPicture& picture : split.pictures) {
            check_boxes(picture, problems);
            find_duplicate_boxes(picture, split, problems);
        }
    find_duplicate_pictures(splits, problems);
    return problems;
}

}  // namespace caplamp::datasets
