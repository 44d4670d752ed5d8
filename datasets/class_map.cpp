// SPDX-License-Identifier: Apache-2.0
#include "datasets/class_map.hpp"

#include <algorithm>

#include "core/config_node.hpp"
#include "core/error.hpp"

namespace caplamp::datasets {
namespace {

constexpr int forgotten = -1;

int id_of(const std::string& name, std::vector<std::string>& names) {
    const auto found = std::ranges::find(names, name);
    const auto place = static_cast<int>(found - names.begin());
    if (found == names.end()) names.push_back(name);
    return place;
}

}  // namespace

ClassMap ClassMap::load(const std::filesystem::path& file) {
    const ConfigNode root = ConfigNode::load(file);
    ClassMap map;
    map.file_ = file;
    for (const std::string& theirs : root.keys()) {
        const std::string ours = root[theirs].require_string();
        if (ours.empty()) root[theirs].fail("must be one of our class names, or ignore");
        if (ours == "ignore")
            map.ours_of_.emplace_back(theirs, std::nullopt);
        else
            map.ours_of_.emplace_back(theirs, ours);
    }
    if (map.ours_of_.empty()) root.fail("names no class");
    return map;
}

LabelledSet ClassMap::apply(LabelledSet set) const {
    std::vector<std::string> names;
    for (const auto& entry : ours_of_)
        if (entry.second) id_of(*entry.second, names);
    std::vector<bool> labelled(names.size(), true);
    std::vector<bool> present(names.size(), false);
    std::vector<int> ids;
    for (std::size_t i = 0; i < set.names.size(); ++i) {
        const auto entry =
            std::ranges::find(ours_of_, set.names[i], [](const auto& e) { return e.first; });
        if (entry == ours_of_.end())
            throw Error(file_.string() + ": says nothing about the class '" + set.names[i] +
                        "' of " + set.source.string());
        ids.push_back(entry->second ? id_of(*entry->second, names) : forgotten);
        if (ids.back() == forgotten) continue;
        const auto ours = static_cast<std::size_t>(ids.back());
        present[ours] = true;
        labelled[ours] = labelled[ours] && set.labelled[i];
    }
    for (LabelledPicture& picture : set.pictures) {
        for (Truth& truth : picture.truths)
            truth.class_id = ids[static_cast<std::size_t>(truth.class_id)];
        std::erase_if(picture.truths,
                      [](const Truth& truth) { return truth.class_id == forgotten; });
    }
    for (auto& [category, id] : set.class_of_category) id = ids[static_cast<std::size_t>(id)];
    std::erase_if(set.class_of_category,
                  [](const auto& entry) { return entry.second == forgotten; });
    for (std::size_t i = 0; i < names.size(); ++i) labelled[i] = labelled[i] && present[i];
    set.names = std::move(names);
    set.labelled = std::move(labelled);
    return set;
}

}  // namespace caplamp::datasets
