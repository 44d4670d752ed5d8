// SPDX-License-Identifier: Apache-2.0
#include "datasets/coco_results.hpp"

#include <cmath>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>

#include "core/error.hpp"
#include "datasets/json_file.hpp"
#include "datasets/text.hpp"

namespace caplamp::datasets {
namespace {

using nlohmann::json;

// Finds a picture by what a results file calls it.
class PictureFinder {
public:
    explicit PictureFinder(const LabelledSet& set) {
        const bool coco = !set.class_of_category.empty();
        for (std::size_t i = 0; i < set.pictures.size(); ++i) {
            const LabelledPicture& picture = set.pictures[i];
            const std::string stem = picture.file.stem().string();
            by_name_.emplace(picture.file.filename().string(), i);
            by_name_.emplace(stem, i);
            const std::optional<double> number = number_in(stem);
            if (coco)
                by_number_.emplace(picture.id, i);
            else if (number && *number >= 0 && *number < 1e15 && *number == std::floor(*number))
                by_number_.emplace(static_cast<std::int64_t>(*number), i);
        }
        if (!by_number_.empty()) return;
        for (std::size_t i = 0; i < set.pictures.size(); ++i)
            by_number_.emplace(static_cast<std::int64_t>(i + 1), i);
    }

    std::optional<std::size_t> find(const json& image_id) const {
        if (image_id.is_number_integer()) {
            const auto found = by_number_.find(image_id.get<std::int64_t>());
            if (found != by_number_.end()) return found->second;
        } else if (image_id.is_string()) {
            const auto found = by_name_.find(image_id.get<std::string>());
            if (found != by_name_.end()) return found->second;
        }
        return std::nullopt;
    }

private:
    std::unordered_map<std::string, std::size_t> by_name_;
    std::unordered_map<std::int64_t, std::size_t> by_number_;
};

// The class, or nothing when the class map forgot it.
std::optional<int> class_of(std::int64_t category, const LabelledSet& set) {
    if (!set.class_of_category.empty()) {
        const auto found = set.class_of_category.find(category);
        if (found == set.class_of_category.end()) return std::nullopt;
        return found->second;
    }
    return static_cast<int>(category - 1);
}

Detection read_detection(const json& row, const LabelledSet& set, const std::string& where) {
    const auto category = integer_at(row, "category_id");
    const auto score = number_at(row, "score");
    const auto box = box_at(row);
    if (!category) throw Error(where + "category_id must be a whole number");
    if (!score) throw Error(where + "score must be a number");
    if (!box) throw Error(where + "bbox must be [x, y, width, height] in pixels");
    const auto classes = static_cast<std::int64_t>(set.names.size());
    if (set.class_of_category.empty() && (*category < 1 || *category > classes))
        throw Error(where + "category_id must be 1.." + std::to_string(classes));
    return {.class_id = class_of(*category, set).value_or(-1),
            .score = static_cast<float>(*score),
            .box = *box};
}

}  // namespace

std::vector<Detections> read_coco_results(const std::filesystem::path& file,
                                          const LabelledSet& set) {
    const json root = read_json(file);
    if (!root.is_array()) throw Error(file.string() + ": no COCO results: not a list");
    const PictureFinder finder(set);
    std::vector<Detections> detections(set.pictures.size());
    std::size_t placed = 0;
    for (std::size_t i = 0; i < root.size(); ++i) {
        const std::string where = file.string() + ": detections[" + std::to_string(i) + "]: ";
        if (!root[i].is_object() || !root[i].contains("image_id"))
            throw Error(where + "image_id is missing");
        const Detection detection = read_detection(root[i], set, where);
        const std::optional<std::size_t> picture = finder.find(root[i]["image_id"]);
        if (!picture) continue;
        ++placed;
        if (detection.class_id >= 0) detections[*picture].push_back(detection);
    }
    if (placed == 0 && !root.empty())
        throw Error(file.string() + ": is about none of the pictures of " + set.source.string());
    return detections;
}

}  // namespace caplamp::datasets
