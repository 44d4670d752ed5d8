// SPDX-License-Identifier: Apache-2.0
#include "datasets/cmodd.hpp"

#include <algorithm>
#include <cctype>

#include "core/error.hpp"
#include "datasets/voc.hpp"
#include "datasets/yolo.hpp"

namespace caplamp::datasets {

namespace fs = std::filesystem;

namespace {

constexpr int usual_width = 640;
constexpr int usual_height = 400;

const std::vector<std::string>& class_names() {
    static const std::vector<std::string> names{"helmet", "person"};
    return names;
}

bool is_voc(const fs::path& folder) { return fs::is_directory(folder / "Annotations"); }

std::string lower(std::string word) {
    std::ranges::transform(word, word.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return word;
}

// The split's own folder or list, or else all pictures.
fs::path yolo_pictures(const fs::path& folder, const std::string& split) {
    fs::path list = folder / (split + ".txt");
    if (fs::is_regular_file(list)) return list;
    fs::path part = folder / "images" / split;
    if (fs::is_directory(part)) return part;
    if (!fs::is_directory(folder / "images"))
        throw Error(folder.string() + ": no CMODD: neither Annotations nor images in it");
    if (!cmodd_splits(folder).empty() && cmodd_splits(folder)[0] != "all")
        throw Error(folder.string() + ": no split '" + split + "'");
    return folder / "images";
}

LabelledSet read_as_voc(const fs::path& folder, ReadOptions options) {
    const std::vector<std::string> splits = voc_splits(folder);
    if (splits == std::vector<std::string>{"all"}) options.split = "all";
    LabelledSet set = read_voc(folder, options);
    // "Helmet" and "helmet" are one class here.
    std::vector<int> ids;
    for (const std::string& name : set.names) {
        const auto found = std::ranges::find(class_names(), lower(name));
        if (found == class_names().end())
            throw Error(folder.string() + ": no CMODD: it has a class '" + name + "'");
        ids.push_back(static_cast<int>(found - class_names().begin()));
    }
    for (LabelledPicture& picture : set.pictures)
        for (Truth& truth : picture.truths)
            truth.class_id = ids[static_cast<std::size_t>(truth.class_id)];
    return set;
}

LabelledSet read_as_yolo(const fs::path& folder, const ReadOptions& options) {
    LabelledSet set;
    set.pictures = read_yolo_pictures(
        {.pictures = yolo_pictures(folder, options.split), .names = class_names()}, options);
    return set;
}

}  // namespace

LabelledSet read_cmodd(const fs::path& folder, const ReadOptions& options) {
    LabelledSet set = is_voc(folder) ? read_as_voc(folder, options) : read_as_yolo(folder, options);
    set.source = folder;
    set.split = options.split;
    set.names = class_names();
    set.labelled.assign(set.names.size(), true);
    for (const LabelledPicture& picture : set.pictures)
        if (picture.width != usual_width || picture.height != usual_height)
            remark(options.problems, "wrong size",
                   picture.file.string() + ": is " + std::to_string(picture.width) + "x" +
                       std::to_string(picture.height) + ", CMODD's pictures are 640x400");
    return set;
}

std::vector<std::string> cmodd_splits(const fs::path& folder) {
    if (is_voc(folder)) return voc_splits(folder);
    std::vector<std::string> splits;
    for (const char* split : {"train", "val", "test"})
        if (fs::is_directory(folder / "images" / split) ||
            fs::is_regular_file(folder / (std::string(split) + ".txt")))
            splits.emplace_back(split);
    if (splits.empty()) splits.emplace_back("all");
    return splits;
}

}  // namespace caplamp::datasets
