// SPDX-License-Identifier: Apache-2.0
#include "datasets/duplicates.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "datasets/text.hpp"

namespace caplamp::datasets {

namespace fs = std::filesystem;

namespace {

constexpr float nearly = 0.9f;

// Of files of one length, reports each that equals an earlier one.
void compare_files(const std::vector<fs::path>& files, Problems& problems) {
    std::map<std::size_t, std::vector<fs::path>> by_hash;
    for (const fs::path& file : files) {
        const std::string bytes = read_text(file);
        std::vector<fs::path>& alike = by_hash[std::hash<std::string>()(bytes)];
        const auto same = std::ranges::find_if(
            alike, [&](const fs::path& other) { return read_text(other) == bytes; });
        if (same == alike.end())
            alike.push_back(file);
        else
            problems.push_back(
                {"same picture", file.string() + ": is the same picture as " + same->string()});
    }
}

void find_same_files(std::span<const LabelledSet> splits, Problems& problems) {
    std::map<std::uintmax_t, std::vector<fs::path>> by_length;
    for (const LabelledSet& split : splits)
        for (const LabelledPicture& picture : split.pictures)
            by_length[fs::file_size(picture.file)].push_back(picture.file);
    for (auto& [length, files] : by_length) {
        std::vector<fs::path> named_twice;  // a list may name one file twice
        for (std::size_t i = 0; i < files.size(); ++i)
            if (std::find(files.begin(), files.begin() + static_cast<std::ptrdiff_t>(i),
                          files[i]) != files.begin() + static_cast<std::ptrdiff_t>(i))
                problems.push_back({"same picture", files[i].string() + ": is in the set twice"});
            else
                named_twice.push_back(files[i]);
        if (named_twice.size() > 1) compare_files(named_twice, problems);
    }
}

using LabelKey = std::vector<std::tuple<int, float, float, float, float>>;

LabelKey key_of(const LabelledPicture& picture) {
    LabelKey key;
    for (const Truth& truth : picture.truths)
        key.emplace_back(truth.class_id, truth.box.x, truth.box.y, truth.box.width,
                         truth.box.height);
    std::ranges::sort(key);
    return key;
}

// One box may well be the same twice by chance (and is, in a picture that a box fills).
void find_same_labels(std::span<const LabelledSet> splits, Problems& problems) {
    std::map<LabelKey, fs::path> first;
    for (const LabelledSet& split : splits)
        for (const LabelledPicture& picture : split.pictures) {
            if (picture.truths.size() < 2) continue;
            const auto [same, is_new] = first.emplace(key_of(picture), picture.file);
            if (!is_new)
                problems.push_back(
                    {"same labels",
                     picture.file.string() + ": has the same boxes as " + same->second.string()});
        }
}

}  // namespace

void find_duplicate_pictures(std::span<const LabelledSet> splits, Problems& problems) {
    find_same_files(splits, problems);
    find_same_labels(splits, problems);
}

void find_duplicate_boxes(const LabelledPicture& picture, const LabelledSet& set,
                          Problems& problems) {
    const std::vector<Truth>& truths = picture.truths;
    for (std::size_t i = 0; i < truths.size(); ++i)
        for (std::size_t j = 0; j < i; ++j) {
            if (truths[i].class_id != truths[j].class_id) continue;
            if (truths[i].crowd || truths[j].crowd) continue;
            const bool same = truths[i].box == truths[j].box;
            if (!same && iou(truths[i].box, truths[j].box) < nearly) continue;
            const std::string name = set.names[static_cast<std::size_t>(truths[i].class_id)];
            problems.push_back({same ? "same box" : "nearly the same box",
                                picture.labels.string() + ": boxes " + std::to_string(j + 1) +
                                    " and " + std::to_string(i + 1) + " (" + name + ") are " +
                                    (same ? "the same" : "nearly the same")});
        }
}

}  // namespace caplamp::datasets
