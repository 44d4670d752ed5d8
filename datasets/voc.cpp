// SPDX-License-Identifier: Apache-2.0
#include "datasets/voc.hpp"

#include <algorithm>
#include <map>
#include <optional>

#include "core/error.hpp"
#include "datasets/picture_size.hpp"
#include "datasets/text.hpp"
#include "datasets/voc_annotation.hpp"

namespace caplamp::datasets {

namespace fs = std::filesystem;

namespace {

bool is_annotation(const fs::path& file) { return file.extension() == ".xml"; }

std::vector<fs::path> annotations_in(const fs::path& folder) {
    std::vector<fs::path> files;
    std::error_code failure;
    for (const auto& entry : fs::directory_iterator(folder, failure))
        if (is_annotation(entry.path())) files.push_back(entry.path());
    std::ranges::sort(files);
    return files;
}

// Where a split's annotations and pictures are.
struct Layout {
    std::vector<fs::path> annotations;
    fs::path pictures;
};

fs::path split_list(const fs::path& folder, const std::string& split) {
    return folder / "ImageSets" / "Main" / (split + ".txt");
}

// VOC lists one picture a line, without ending; class lists add a 1 or -1 behind it.
std::vector<fs::path> listed_annotations(const fs::path& folder, const fs::path& list,
                                         Problems* problems) {
    std::vector<fs::path> files;
    const std::string text = read_text(list);
    const std::vector<std::string_view> lines = lines_of(text);
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const std::vector<std::string_view> words = words_of(lines[i]);
        if (words.empty()) continue;
        const fs::path file = folder / "Annotations" / (std::string(words[0]) + ".xml");
        if (fs::exists(file))
            files.push_back(file);
        else
            reject(problems, "no labels", at_line(list, i + 1) + file.string() + " is missing");
    }
    return files;
}

Layout layout_of(const fs::path& folder, const ReadOptions& options) {
    const fs::path annotations = folder / "Annotations";
    if (!fs::is_directory(annotations)) {
        for (const fs::path& place : {folder / options.split, folder})
            if (std::vector<fs::path> files = annotations_in(place); !files.empty())
                return {std::move(files), place};
        throw Error(folder.string() + ": no VOC set: neither Annotations nor XML files in it");
    }
    const fs::path list = split_list(folder, options.split);
    if (fs::exists(list))
        return {listed_annotations(folder, list, options.problems), folder / "JPEGImages"};
    if (fs::is_directory(folder / "ImageSets" / "Main") && options.split != "all")
        throw Error(list.string() + ": no such split");
    return {annotations_in(annotations), folder / "JPEGImages"};
}

// The annotation's own word for the picture, or else its name with a picture's ending.
fs::path picture_of(const fs::path& annotation, const std::string& filename,
                    const fs::path& folder) {
    fs::path stated = folder / fs::path(filename).filename();
    if (!filename.empty() && fs::is_regular_file(stated)) return stated;
    for (const char* ending : {".jpg", ".jpeg", ".png", ".bmp", ".gif", ".JPG", ".JPEG", ".PNG"}) {
        fs::path named = folder / (annotation.stem().string() + ending);
        if (fs::is_regular_file(named)) return named;
    }
    return {};
}

std::optional<PictureSize> measured_size(const fs::path& picture, Problems* problems) {
    try {
        return picture_size(picture);
    } catch (const Error& error) {
        reject(problems, "broken picture", error.what());
        return std::nullopt;
    }
}

struct NamedPicture {
    LabelledPicture picture;
    std::vector<std::string> names;  // one a truth
};

std::optional<NamedPicture> read_one(const fs::path& file, const fs::path& pictures,
                                     Problems* problems) {
    std::optional<VocAnnotation> annotation = read_voc_annotation(file, problems);
    if (!annotation) return std::nullopt;
    NamedPicture named;
    named.picture.labels = file;
    named.picture.file = picture_of(file, annotation->filename, pictures);
    if (named.picture.file.empty()) {
        reject(problems, "missing picture",
               file.string() + ": its picture is not in " + pictures.string());
        return std::nullopt;
    }
    const std::optional<PictureSize> size = measured_size(named.picture.file, problems);
    if (!size) return std::nullopt;
    if (annotation->size && *annotation->size != *size)
        remark(problems, "wrong size",
               file.string() + ": states " + std::to_string(annotation->size->width) + "x" +
                   std::to_string(annotation->size->height) + ", the picture is " +
                   std::to_string(size->width) + "x" + std::to_string(size->height));
    named.picture.width = size->width;
    named.picture.height = size->height;
    for (VocObject& object : annotation->objects) {
        named.names.push_back(std::move(object.name));
        named.picture.truths.push_back(object.truth);
    }
    return named;
}

std::vector<bool> mask_of(const std::vector<std::string>& names, const ReadOptions& options) {
    std::vector<bool> mask(names.size(), !options.labelled);
    for (std::size_t i = 0; options.labelled && i < names.size(); ++i)
        mask[i] = std::ranges::count(*options.labelled, names[i]) > 0;
    return mask;
}

}  // namespace

LabelledSet read_voc(const fs::path& folder, const ReadOptions& options) {
    Layout layout = layout_of(folder, options);
    if (!options.pictures.empty()) layout.pictures = options.pictures;
    LabelledSet set;
    set.source = folder;
    set.split = options.split;
    std::map<std::string, int> id_of;
    std::vector<NamedPicture> all;
    for (const fs::path& file : layout.annotations)
        if (std::optional<NamedPicture> one = read_one(file, layout.pictures, options.problems)) {
            for (const std::string& name : one->names) id_of.emplace(name, 0);
            all.push_back(std::move(*one));
        }
    for (auto& [name, id] : id_of) {
        id = static_cast<int>(set.names.size());
        set.names.push_back(name);
    }
    for (NamedPicture& one : all) {
        for (std::size_t i = 0; i < one.names.size(); ++i)
            one.picture.truths[i].class_id = id_of.at(one.names[i]);
        set.pictures.push_back(std::move(one.picture));
    }
    set.labelled = mask_of(set.names, options);
    return set;
}

std::vector<std::string> voc_splits(const fs::path& folder) {
    std::vector<std::string> splits;
    for (const char* split : {"train", "val", "test", "valid"})
        if (fs::exists(split_list(folder, split)) || !annotations_in(folder / split).empty())
            splits.emplace_back(split);
    if (splits.empty()) splits.emplace_back("all");
    return splits;
}

}  // namespace caplamp::datasets
