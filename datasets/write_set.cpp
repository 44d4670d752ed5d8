// SPDX-License-Identifier: Apache-2.0
#include "datasets/write_set.hpp"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "core/error.hpp"

namespace caplamp::datasets {

namespace fs = std::filesystem;

namespace {

void remove_quietly(const fs::path& place) {
    std::error_code ignored;
    fs::remove_all(place, ignored);
}

void write_text(const fs::path& file, const std::string& text) {
    std::ofstream stream(file, std::ios::binary);
    stream << text;
    stream.close();
    if (stream) return;
    remove_quietly(file);
    throw Error(file.string() + ": cannot be written");
}

std::string yolo_line(const Truth& truth, const LabelledPicture& picture) {
    const double w = picture.width;
    const double h = picture.height;
    const Box& box = truth.box;
    char line[96];
    std::snprintf(line, sizeof(line), "%d %.6f %.6f %.6f %.6f\n", truth.class_id,
                  (double{box.x} + double{box.width} / 2) / w,
                  (double{box.y} + double{box.height} / 2) / h, box.width / w, box.height / h);
    return line;
}

std::string yolo_labels(const LabelledPicture& picture, Loss& loss) {
    std::string text;
    for (const Truth& truth : picture.truths) {
        if (truth.crowd)
            ++loss.crowds;
        else if (truth.difficult)
            ++loss.difficult;
        else
            text += yolo_line(truth, picture);
    }
    return text;
}

void write_split(const LabelledSet& set, const fs::path& folder, Loss& loss) {
    const fs::path images = folder / "images" / set.split;
    const fs::path labels = folder / "labels" / set.split;
    fs::create_directories(images);
    fs::create_directories(labels);
    for (const LabelledPicture& picture : set.pictures) {
        fs::path label = labels / picture.file.filename();
        label.replace_extension(".txt");
        if (fs::exists(label))
            throw Error(picture.file.string() + ": another picture of this split has its name");
        fs::copy_file(picture.file, images / picture.file.filename());
        write_text(label, yolo_labels(picture, loss));
    }
}

// In single quotes YAML takes everything as it is, a quote doubled.
std::string quoted(const std::string& word) {
    std::string text = "'";
    for (const char c : word) text += c == '\'' ? "''" : std::string(1, c);
    return text + "'";
}

std::string data_yaml(std::span<const LabelledSet> splits) {
    std::string text = "path: .\n";
    for (const LabelledSet& set : splits) text += set.split + ": images/" + set.split + "\n";
    text += "names:\n";
    const LabelledSet& first = splits[0];
    for (std::size_t i = 0; i < first.names.size(); ++i)
        text += "  " + std::to_string(i) + ": " + quoted(first.names[i]) + "\n";
    std::string labelled;
    for (std::size_t i = 0; i < first.names.size(); ++i)
        if (first.labelled[i]) labelled += (labelled.empty() ? "" : ", ") + quoted(first.names[i]);
    return text + "labelled: [" + labelled + "]\n";
}

nlohmann::ordered_json coco_truth(const Truth& truth, std::size_t image, std::size_t id) {
    const Box& box = truth.box;
    return {{"id", id},
            {"image_id", image},
            {"category_id", truth.class_id + 1},
            {"bbox", {box.x, box.y, box.width, box.height}},
            {"area", truth.area >= 0 ? truth.area : box.area()},
            {"iscrowd", truth.crowd ? 1 : 0},
            {"ignore", truth.difficult ? 1 : 0}};
}

std::string relative_name(const fs::path& picture, const fs::path& file) {
    const fs::path base = fs::absolute(file).parent_path();
    const fs::path relative = fs::absolute(picture).lexically_relative(base);
    return (relative.empty() ? fs::absolute(picture) : relative).generic_string();
}

}  // namespace

Loss write_yolo(std::span<const LabelledSet> splits, const fs::path& folder) {
    if (splits.empty()) throw Error(folder.string() + ": there is no split to write");
    for (const LabelledSet& set : splits)
        if (set.names != splits[0].names || set.labelled != splits[0].labelled)
            throw Error(set.source.string() + ": its splits have different classes");
    const fs::path unfinished = folder.string() + ".part";
    for (const fs::path& taken : {folder, unfinished})
        if (fs::exists(taken)) throw Error(taken.string() + ": exists already");
    Loss loss;
    try {
        for (const LabelledSet& set : splits) write_split(set, unfinished, loss);
        write_text(unfinished / "data.yaml", data_yaml(splits));
        fs::rename(unfinished, folder);
    } catch (const fs::filesystem_error& error) {
        remove_quietly(unfinished);
        throw Error(folder.string() + ": cannot be written: " + error.code().message());
    } catch (const Error&) {
        remove_quietly(unfinished);
        throw;
    }
    return loss;
}

void write_coco(const LabelledSet& set, const fs::path& file) {
    nlohmann::ordered_json root = {{"images", nlohmann::ordered_json::array()},
                                   {"annotations", nlohmann::ordered_json::array()},
                                   {"categories", nlohmann::ordered_json::array()}};
    for (std::size_t i = 0; i < set.names.size(); ++i)
        root["categories"].push_back({{"id", i + 1}, {"name", set.names[i]}});
    for (std::size_t i = 0; i < set.pictures.size(); ++i) {
        const LabelledPicture& picture = set.pictures[i];
        root["images"].push_back({{"id", i + 1},
                                  {"file_name", relative_name(picture.file, file)},
                                  {"width", picture.width},
                                  {"height", picture.height}});
        for (const Truth& truth : picture.truths)
            root["annotations"].push_back(coco_truth(truth, i + 1, root["annotations"].size() + 1));
    }
    const fs::path unfinished = file.string() + ".part";
    write_text(unfinished, root.dump(1) + "\n");
    std::error_code failure;
    fs::rename(unfinished, file, failure);
    if (!failure) return;
    remove_quietly(unfinished);
    throw Error(file.string() + ": cannot be written: " + failure.message());
}

}  // namespace caplamp::datasets
