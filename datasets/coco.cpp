// SPDX-License-Identifier: Apache-2.0
#include "datasets/coco.hpp"

#include <algorithm>
#include <unordered_map>

#include "core/error.hpp"
#include "datasets/json_file.hpp"
#include "datasets/picture_size.hpp"

namespace caplamp::datasets {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

// The three lists of the file, and how to complain about an entry of one.
struct Instances {
    const fs::path& file;
    const json& root;
    Problems* problems;

    const json& list(const char* key) const {
        const auto found = root.find(key);
        if (found == root.end() || !found->is_array())
            throw Error(file.string() + ": has no list '" + key + "'");
        return *found;
    }
    std::string entry(const char* key, std::size_t place) const {
        return file.string() + ": " + key + "[" + std::to_string(place) + "]: ";
    }
    void complain(const char* key, std::size_t place, const std::string& why) const {
        reject(problems, "malformed label", entry(key, place) + why);
    }
};

void read_categories(const Instances& instances, LabelledSet& set) {
    std::map<std::int64_t, std::string> by_id;
    const json& list = instances.list("categories");
    for (std::size_t i = 0; i < list.size(); ++i) {
        const auto id = integer_at(list[i], "id");
        const auto name = text_at(list[i], "name");
        if (!id || !name || name->empty())
            throw Error(instances.entry("categories", i) + "needs an id and a name");
        if (!by_id.emplace(*id, *name).second)
            throw Error(instances.entry("categories", i) + "this id is taken");
    }
    for (const auto& [id, name] : by_id) {
        const auto known = std::ranges::find(set.names, name);
        set.class_of_category.emplace(id, static_cast<int>(known - set.names.begin()));
        if (known == set.names.end()) set.names.push_back(name);
    }
    if (set.names.empty()) throw Error(instances.file.string() + ": has no category");
}

// Where the pictures are: the first place that holds the first picture.
fs::path picture_folder(const fs::path& file, const std::string& first,
                        const ReadOptions& options) {
    if (!options.pictures.empty()) return options.pictures;
    fs::path beside = file.parent_path();
    const fs::path above = beside / "..";
    for (const fs::path& folder :
         {beside, beside / "images", beside / options.split, above / "images",
          above / "images" / options.split, above / options.split, above})
        if (fs::is_regular_file(folder / first)) return folder.lexically_normal();
    return beside;
}

using PlaceOf = std::unordered_map<std::int64_t, std::size_t>;

bool check_picture(const LabelledPicture& picture, const std::string& entry, Problems* problems) {
    try {
        const PictureSize size = picture_size(picture.file);
        if (size != PictureSize{.width = picture.width, .height = picture.height})
            remark(problems, "wrong size",
                   entry + "states " + std::to_string(picture.width) + "x" +
                       std::to_string(picture.height) + ", the picture is " +
                       std::to_string(size.width) + "x" + std::to_string(size.height));
        return true;
    } catch (const Error& error) {
        const bool missing = !fs::exists(picture.file);
        reject(problems, missing ? "missing picture" : "broken picture",
               missing ? entry + picture.file.string() + " is missing" : error.what());
        return false;
    }
}

PlaceOf read_images(const Instances& instances, const ReadOptions& options, LabelledSet& set) {
    PlaceOf place_of;
    const json& list = instances.list("images");
    const std::string first =
        list.empty() ? std::string() : text_at(list[0], "file_name").value_or("");
    const fs::path folder = picture_folder(instances.file, first, options);
    for (std::size_t i = 0; i < list.size(); ++i) {
        const auto id = integer_at(list[i], "id");
        const auto name = text_at(list[i], "file_name");
        const auto width = integer_at(list[i], "width");
        const auto height = integer_at(list[i], "height");
        constexpr std::int64_t largest = 1 << 20;
        if (!id || !name || name->empty() || !width || !height || *width < 1 || *height < 1 ||
            *width > largest || *height > largest) {
            instances.complain("images", i, "needs id, file_name, width and height");
            continue;
        }
        LabelledPicture picture;
        picture.id = *id;
        picture.file = folder / *name;
        picture.labels = instances.file;
        picture.width = static_cast<int>(*width);
        picture.height = static_cast<int>(*height);
        if (!place_of.emplace(*id, set.pictures.size()).second) {
            instances.complain("images", i, "the id " + std::to_string(*id) + " is taken");
            continue;
        }
        if (check_picture(picture, instances.entry("images", i), options.problems))
            set.pictures.push_back(std::move(picture));
        else
            place_of.at(*id) = list.size();  // known, yet not there: its annotations are dropped
    }
    return place_of;
}

void read_annotations(const Instances& instances, const PlaceOf& place_of, LabelledSet& set) {
    const json& list = instances.list("annotations");
    for (std::size_t i = 0; i < list.size(); ++i) {
        const json& one = list[i];
        const auto image = place_of.find(integer_at(one, "image_id").value_or(-1));
        const auto category =
            set.class_of_category.find(integer_at(one, "category_id").value_or(-1));
        const std::optional<Box> box = box_at(one);
        if (image == place_of.end()) {
            instances.complain("annotations", i, "image_id is none of the images");
        } else if (category == set.class_of_category.end()) {
            instances.complain("annotations", i, "category_id is none of the categories");
        } else if (!box) {
            instances.complain("annotations", i,
                               "bbox must be [x, y, width, height] in pixels, no negative size");
        } else if (image->second < set.pictures.size()) {
            Truth truth;
            truth.class_id = category->second;
            truth.box = *box;
            truth.crowd = flag_at(one, "iscrowd");
            truth.difficult = flag_at(one, "ignore");
            truth.area = static_cast<float>(std::max(number_at(one, "area").value_or(-1), -1.0));
            set.pictures[image->second].truths.push_back(truth);
        }
    }
}

}  // namespace

LabelledSet read_coco(const fs::path& file, const ReadOptions& options) {
    const json root = read_json(file);
    if (!root.is_object()) throw Error(file.string() + ": no COCO file: not an object");
    const Instances instances{file, root, options.problems};
    LabelledSet set;
    set.source = file;
    set.split = options.split;
    read_categories(instances, set);
    set.labelled.assign(set.names.size(), !options.labelled);
    for (std::size_t i = 0; options.labelled && i < set.names.size(); ++i)
        set.labelled[i] = std::ranges::count(*options.labelled, set.names[i]) > 0;
    read_annotations(instances, read_images(instances, options, set), set);
    return set;
}

}  // namespace caplamp::datasets
