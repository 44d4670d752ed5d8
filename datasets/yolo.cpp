// SPDX-License-Identifier: Apache-2.0
#include "datasets/yolo.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <set>

#include "core/config_node.hpp"
#include "core/error.hpp"
#include "datasets/picture_size.hpp"
#include "datasets/text.hpp"
#include "datasets/yolo_labels.hpp"

namespace caplamp::datasets {

namespace fs = std::filesystem;

namespace {

constexpr std::array<std::string_view, 3> split_keys{"train", "val", "test"};

// Other programs keep more in this file. A key of theirs is fine; a misspelt one of ours is not.
void complain_about_near_misses(const ConfigNode& root) {
    const std::set<std::string, std::less<>> known{
        "path",     "train",    "val",     "test",        "names",     "labelled", "nc",
        "download", "roboflow", "license", "description", "kpt_shape", "flip_idx", "channels",
        "version",  "url",      "date",    "author",      "minival"};
    for (const std::string& key : root.keys()) {
        if (known.count(key) > 0) continue;
        const std::string ours = nearest_word(key, {"path", "train", "val", "names", "labelled"});
        if (ours.empty() || ours == "path") continue;
        root[key].fail("unknown setting, did you mean '" + ours + "'?");
    }
}

std::vector<std::string> read_names(const ConfigNode& node) {
    if (!node.is_present()) node.fail("is missing");
    if (!node.is_map()) return node.as_strings();
    std::vector<std::string> names(node.keys().size());
    for (const std::string& key : node.keys()) {
        const std::optional<double> id = number_in(key);
        if (!id || *id < 0 || *id >= static_cast<double>(names.size()) ||
            *id != static_cast<double>(static_cast<int>(*id)))
            node[key].fail("class ids must count 0, 1, 2 ... without a gap");
        names[static_cast<std::size_t>(*id)] = node[key].require_string();
    }
    return names;
}

void check_names(const std::vector<std::string>& names, const ConfigNode& node) {
    if (names.empty()) node.fail("names no class");
    for (const std::string& name : names) {
        if (name.empty()) node.fail("a class has no name");
        if (std::ranges::count(names, name) > 1) node.fail("two classes are named '" + name + "'");
    }
}

std::vector<bool> mask_of(const std::vector<std::string>& labelled,
                          const std::vector<std::string>& names, const std::string& where) {
    std::vector<bool> mask(names.size(), false);
    for (const std::string& name : labelled) {
        const auto found = std::ranges::find(names, name);
        if (found == names.end())
            throw ConfigError(
                std::string(where).append("'").append(name).append("' is none of the names"));
        mask[static_cast<std::size_t>(found - names.begin())] = true;
    }
    return mask;
}

std::vector<bool> read_mask(const ConfigNode& root, const std::vector<std::string>& names,
                            const ReadOptions& options) {
    if (options.labelled)
        return mask_of(*options.labelled, names, root.file().string() + ": labelled: ");
    const ConfigNode node = root["labelled"];
    if (!options.labels.empty() || !node.is_present()) return std::vector<bool>(names.size(), true);
    return mask_of(node.as_strings(), names,
                   at_line(node.file(), static_cast<std::size_t>(node.line())) + "labelled: ");
}

// The pictures that a text file names, one a line; those not absolute lie beside the file.
std::vector<fs::path> listed_pictures(const fs::path& list) {
    std::vector<fs::path> pictures;
    const std::string text = read_text(list);
    for (const std::string_view line : lines_of(text)) {
        const std::size_t begin = line.find_first_not_of(" \t\r");
        if (begin == std::string_view::npos) continue;
        const std::size_t end = line.find_last_not_of(" \t\r");
        const fs::path named(line.substr(begin, end - begin + 1));
        pictures.push_back((list.parent_path() / named).lexically_normal());
    }
    return pictures;
}

fs::path with_label_ending(fs::path file) { return file.replace_extension(".txt"); }

// .../images/train/a.jpg -> .../labels/train/a.txt, the last `images` being the one that counts.
fs::path usual_labels(const fs::path& picture) {
    std::vector<fs::path> parts(picture.begin(), picture.end());
    const auto last = std::find(parts.rbegin(), parts.rend(), fs::path("images"));
    if (last != parts.rend()) *last = "labels";
    fs::path labels;
    for (const fs::path& part : parts) labels /= part;
    return with_label_ending(labels);
}

// In other labels a picture keeps its place below the folder of pictures, or below the split's.
fs::path other_labels(const fs::path& picture, const fs::path& pictures, const fs::path& folder) {
    const bool listed = fs::is_regular_file(pictures);
    const fs::path place =
        with_label_ending(listed ? picture.filename() : fs::relative(picture, pictures));
    const fs::path below = folder / pictures.filename() / place;
    return !listed && fs::exists(below) ? below : folder / place;
}

void note_labels_without_picture(const std::vector<fs::path>& files, const fs::path& folder,
                                 Problems* problems) {
    std::set<fs::path> expected;
    for (const fs::path& file : files) expected.insert(usual_labels(file));
    const fs::path labels = usual_labels(folder / "x").parent_path();
    if (!fs::is_directory(labels) || labels == folder) return;
    for (const auto& entry : fs::recursive_directory_iterator(labels))
        if (entry.path().extension() == ".txt" && expected.count(entry.path()) == 0)
            remark(problems, "missing picture",
                   entry.path().string() + ": no picture has this name");
}

std::optional<LabelledPicture> read_picture(const fs::path& file, const YoloFolder& folder,
                                            const ReadOptions& options) {
    LabelledPicture picture;
    picture.file = file;
    picture.labels = options.labels.empty() ? usual_labels(file)
                                            : other_labels(file, folder.pictures, options.labels);
    const bool labelled = fs::exists(picture.labels);
    if (!labelled && !options.labels.empty()) return std::nullopt;
    PictureSize size;
    try {
        size = picture_size(file);
    } catch (const Error& error) {
        const bool missing = !fs::exists(file);
        reject(options.problems, missing ? "missing picture" : "broken picture", error.what());
        return std::nullopt;
    }
    picture.width = size.width;
    picture.height = size.height;
    if (labelled) {
        picture.truths =
            read_yolo_labels(picture.labels, size, folder.names.size(), options.problems);
    } else {
        remark(options.problems, "no labels", file.string() + ": has no label file");
        picture.labels.clear();
    }
    return picture;
}

}  // namespace

std::vector<LabelledPicture> read_yolo_pictures(const YoloFolder& folder,
                                                const ReadOptions& options) {
    const bool listed = fs::is_regular_file(folder.pictures);
    if (!options.labels.empty() && !fs::is_directory(options.labels))
        throw Error(options.labels.string() + ": no such folder of labels");
    const std::vector<fs::path> files =
        listed ? listed_pictures(folder.pictures) : pictures_under(folder.pictures);
    std::vector<LabelledPicture> pictures;
    for (const fs::path& file : files)
        if (std::optional<LabelledPicture> picture = read_picture(file, folder, options))
            pictures.push_back(std::move(*picture));
    if (options.problems != nullptr && !listed && options.labels.empty())
        note_labels_without_picture(files, folder.pictures, options.problems);
    if (files.empty()) throw Error(folder.pictures.string() + ": holds no picture");
    if (pictures.empty() && !options.labels.empty() && options.problems == nullptr)
        throw Error(options.labels.string() + ": holds labels for no picture of " +
                    folder.pictures.string());
    return pictures;
}

LabelledSet read_yolo(const fs::path& data, const ReadOptions& options) {
    const ConfigNode root = ConfigNode::load(data);
    complain_about_near_misses(root);
    if (std::ranges::find(split_keys, options.split) == split_keys.end())
        throw Error("split must be train, val or test, is '" + options.split + "'");
    LabelledSet set;
    set.source = data;
    set.split = options.split;
    set.names = read_names(root["names"]);
    check_names(set.names, root["names"]);
    set.labelled = read_mask(root, set.names, options);
    const ConfigNode split = root[options.split];
    if (!split.is_present()) root.fail("has no split '" + options.split + "'");
    for (const std::string& place : split.as_strings()) {
        fs::path pictures =
            (data.parent_path() / root["path"].as_string(".") / place).lexically_normal();
        if (!pictures.has_filename()) pictures = pictures.parent_path();  // "images/train/"
        if (place.empty() || !fs::exists(pictures))
            split.fail("no such folder or list of pictures: " + pictures.string());
        std::vector<LabelledPicture> more =
            read_yolo_pictures({.pictures = pictures, .names = set.names}, options);
        set.pictures.insert(set.pictures.end(), std::make_move_iterator(more.begin()),
                            std::make_move_iterator(more.end()));
    }
    return set;
}

std::vector<std::string> yolo_splits(const fs::path& data) {
    const ConfigNode root = ConfigNode::load(data);
    std::vector<std::string> splits;
    for (const std::string_view key : split_keys)
        if (root[key].is_present()) splits.emplace_back(key);
    return splits;
}

}  // namespace caplamp::datasets
