// SPDX-License-Identifier: Apache-2.0
#include "training/data_set.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <fstream>
#include <optional>

#include "core/config_node.hpp"
#include "core/error.hpp"

namespace caplamp::training {
namespace {

namespace fs = std::filesystem;

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
    return text;
}

int index_of(const std::vector<std::string>& names, std::string_view name) {
    const auto found = std::find(names.begin(), names.end(), name);
    return found == names.end() ? -1 : static_cast<int>(found - names.begin());
}

template <class T>
std::optional<T> parsed(std::string_view text) {
    T value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

// Both of YOLO's forms: [helmet, head] and {0: helmet, 1: head}.
std::vector<std::string> class_names(const ConfigNode& names) {
    if (names.is_sequence()) return names.as_strings();
    if (!names.is_map()) names.fail("must list the classes");
    std::vector<std::string> result(names.keys().size());
    for (const std::string& key : names.keys()) {
        const auto index = parsed<std::size_t>(key);
        if (!index || *index >= result.size())
            names.fail("numbers its classes 0.." + std::to_string(result.size() - 1) + ", not '" +
                       key + "'");
        result[*index] = names[key].require_string();
    }
    return result;
}

// The set's class numbers in the model's counting.
std::vector<int> class_map(const ConfigNode& node, const std::vector<std::string>& names,
                           const std::vector<std::string>& classes) {
    std::vector<int> result;
    for (const std::string& name : names) {
        result.push_back(index_of(classes, name));
        if (result.back() < 0)
            node.fail("names '" + name + "' (of " + joined(names) + "); the model's classes are " +
                      joined(classes));
    }
    return result;
}

bool is_picture(const fs::path& file) {
    std::string extension = file.extension().string();
    std::transform(extension.begin(), extension.end(), extension.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    constexpr std::array known{".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff"};
    return std::find(known.begin(), known.end(), extension) != known.end();
}

void append_listed(const fs::path& list, std::vector<fs::path>& pictures) {
    std::ifstream in(list);
    if (!in) throw Error(list.string() + ": cannot be read");
    for (std::string line; std::getline(in, line);) {
        while (!line.empty() && std::isspace(static_cast<unsigned char>(line.back())))
            line.pop_back();
        if (!line.empty()) pictures.push_back((list.parent_path() / line).lexically_normal());
    }
}

void append_pictures(const ConfigNode& node, const fs::path& root,
                     std::vector<fs::path>& pictures) {
    const fs::path place = (root / node.require_string()).lexically_normal();
    if (fs::is_regular_file(place)) return append_listed(place, pictures);
    if (!fs::is_directory(place)) node.fail("there is no folder or list " + place.string());
    for (const auto& entry : fs::recursive_directory_iterator(place))
        if (entry.is_regular_file() && is_picture(entry.path())) pictures.push_back(entry.path());
}

std::vector<fs::path> split_pictures(const ConfigNode& document, const std::string& split) {
    const ConfigNode node = document[split];
    if (!node.is_present()) document.fail("has no '" + split + "'");
    const fs::path root = document.file().parent_path() / document["path"].as_string(".");
    std::vector<fs::path> pictures;
    if (node.is_sequence())
        for (const ConfigNode& item : node.items()) append_pictures(item, root, pictures);
    else
        append_pictures(node, root, pictures);
    if (pictures.empty()) node.fail("holds no pictures");
    std::sort(pictures.begin(), pictures.end());
    return pictures;
}

// YOLO's convention: the last `images` of the path becomes `labels`.
fs::path label_file(const fs::path& picture, const fs::path& labels) {
    if (!labels.empty()) return (labels / picture.stem()).concat(".txt");
    std::vector<fs::path> parts(picture.begin(), picture.end());
    const auto images = std::find(parts.rbegin(), parts.rend(), "images");
    if (images != parts.rend()) *images = "labels";
    fs::path result;
    for (const fs::path& part : parts) result /= part;
    return result.replace_extension(".txt");
}

std::vector<std::string_view> words_of(std::string_view line) {
    constexpr std::string_view blank = " \t\r\n";
    std::vector<std::string_view> words;
    for (std::size_t begin = line.find_first_not_of(blank); begin != std::string_view::npos;) {
        const std::size_t end = std::min(line.find_first_of(blank, begin), line.size());
        words.push_back(line.substr(begin, end - begin));
        begin = line.find_first_not_of(blank, end);
    }
    return words;
}

// Why a line is wrong, or nothing and the box in `box`.
std::string parse_label(const std::vector<std::string_view>& words,
                        const std::vector<int>& class_of, LabelBox& box) {
    if (words.size() != 5)
        return "needs class, centre x and y, width and height; has " +
               std::to_string(words.size()) + " words";
    const auto number = parsed<std::size_t>(words[0]);
    if (!number || *number >= class_of.size())
        return "class '" + std::string(words[0]) + "' is not 0.." +
               std::to_string(class_of.size() - 1);
    std::array<float, 4> share{};
    for (std::size_t i = 0; i < 4; ++i) {
        constexpr float slack = 1e-3F;  // writers round
        const auto value = parsed<float>(words[i + 1]);
        if (!value || !(*value >= -slack && *value <= 1 + slack))
            return "'" + std::string(words[i + 1]) + "' is not a share of the picture (0..1)";
        share[i] = *value;
    }
    const float left = std::max(0.0F, share[0] - share[2] / 2);
    const float top = std::max(0.0F, share[1] - share[3] / 2);
    const float right = std::min(1.0F, share[0] + share[2] / 2);
    const float bottom = std::min(1.0F, share[1] + share[3] / 2);
    if (!(right > left && bottom > top)) return "the box has no area";
    box = {class_of[*number], (left + right) / 2, (top + bottom) / 2, right - left, bottom - top};
    return {};
}

std::vector<float> box_weights(const ConfigNode& node, const std::vector<std::string>& classes) {
    std::vector<float> result(classes.size(), 1.0F);
    if (!node.is_map()) {
        std::fill(result.begin(), result.end(), static_cast<float>(node.as_double(1, 0, 100)));
        return result;
    }
    for (const std::string& key : node.keys()) {
        const int index = index_of(classes, key);
        if (index < 0) node.fail("'" + key + "' is none of " + joined(classes));
        result[static_cast<std::size_t>(index)] =
            static_cast<float>(node[key].as_double(1, 0, 100));
    }
    return result;
}

std::vector<bool> labelled_classes(const ConfigNode& document,
                                   const std::vector<std::string>& names,
                                   const std::vector<std::string>& classes, bool other_labels) {
    const ConfigNode node = document["labelled"];  // speaks of the usual labels alone
    const bool said = node.is_present() && !other_labels;
    std::vector<bool> result(classes.size(), false);
    for (const std::string& name : said ? node.as_strings() : names) {
        if (index_of(names, name) < 0)
            node.fail("'" + name + "' is none of the set's classes " + joined(names));
        result[static_cast<std::size_t>(index_of(classes, name))] = true;
    }
    return result;
}

std::string set_name(const ConfigNode& document) {
    const fs::path folder = fs::absolute(document.file()).lexically_normal().parent_path();
    return document["name"].as_string(folder.filename().string());
}

struct Assignment {
    DataSet& set;
    std::string class_name;  // empty: all
    float value = 0;
};

Assignment parse_assignment(std::vector<DataSet>& sets, std::string_view text) {
    const std::size_t equals = std::min(text.rfind('='), text.size());
    const auto value = parsed<float>(text.substr(std::min(equals + 1, text.size())));
    if (!value || !(*value >= 0 && *value <= 100))
        throw Error("'" + std::string(text) + "': must be SET=NUMBER with a number 0..100");
    const std::string_view target = text.substr(0, equals);
    const std::size_t slash = std::min(target.find('/'), target.size());
    std::vector<std::string> names;
    for (DataSet& set : sets) {
        names.push_back(set.name);
        if (set.name == target.substr(0, slash))
            return {set, std::string(target.substr(std::min(slash + 1, target.size()))), *value};
    }
    throw Error("'" + std::string(text) + "': the sets are " + joined(names));
}

}  // namespace

std::vector<LabelBox> read_labels(const std::filesystem::path& file,
                                  const std::vector<int>& class_of) {
    std::vector<LabelBox> boxes;
    if (!fs::exists(file)) return boxes;
    std::ifstream in(file);
    if (!in) throw Error(file.string() + ": cannot be read");
    int number = 0;
    for (std::string line; std::getline(in, line);) {
        ++number;
        const std::vector<std::string_view> words = words_of(line);
        if (words.empty()) continue;
        LabelBox box;
        const std::string why = parse_label(words, class_of, box);
        if (!why.empty())
            throw ConfigError(file.string() + ":" + std::to_string(number) + ": " + why);
        boxes.push_back(box);
    }
    return boxes;
}

DataSet read_data_set(const std::filesystem::path& yaml, const std::vector<std::string>& classes,
                      const DataSetOptions& options) {
    const ConfigNode document = ConfigNode::load(yaml);
    const std::vector<std::string> names = class_names(document["names"]);
    if (names.empty()) document["names"].fail("names no class");
    const std::vector<int> class_of = class_map(document["names"], names, classes);
    if (!options.labels.empty() && !fs::is_directory(options.labels))
        throw Error(options.labels.string() + ": is not a folder of label files");
    DataSet set{.name = set_name(document),
                .samples = {},
                .labelled = labelled_classes(document, names, classes, !options.labels.empty()),
                .box_weight = box_weights(document["box_weight"], classes),
                .weight = document["weight"].as_double(1, 0, 100)};
    for (const fs::path& picture : split_pictures(document, options.split)) {
        const fs::path labels = label_file(picture, options.labels);
        if (options.only_labelled_pictures && !fs::exists(labels)) continue;
        set.samples.push_back({picture, read_labels(labels, class_of)});
    }
    if (set.samples.empty())
        throw Error(yaml.string() + ": none of its '" + options.split + "' pictures has labels");
    return set;
}

void set_weight(std::vector<DataSet>& sets, std::string_view assignment) {
    const Assignment given = parse_assignment(sets, assignment);
    if (!given.class_name.empty())
        throw Error("'" + std::string(assignment) + "': a class has no sampling weight");
    given.set.weight = given.value;
}

void set_box_weight(std::vector<DataSet>& sets, std::string_view assignment,
                    const std::vector<std::string>& classes) {
    const Assignment given = parse_assignment(sets, assignment);
    std::vector<float>& weights = given.set.box_weight;
    if (given.class_name.empty()) {
        std::fill(weights.begin(), weights.end(), given.value);
        return;
    }
    const int index = index_of(classes, given.class_name);
    if (index < 0)
        throw Error("'" + std::string(assignment) + "': the classes are " + joined(classes));
    weights[static_cast<std::size_t>(index)] = given.value;
}

std::vector<std::filesystem::path> pictures_of(std::span<const DataSet> sets) {
    std::vector<fs::path> pictures;
    for (const DataSet& set : sets)
        for (const Sample& sample : set.samples) pictures.push_back(sample.picture);
    return pictures;
}

}  // namespace caplamp::training
