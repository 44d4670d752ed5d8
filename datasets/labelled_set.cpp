// SPDX-License-Identifier: Apache-2.0
#include "datasets/labelled_set.hpp"

#include <algorithm>

#include "core/error.hpp"

namespace caplamp::datasets {
namespace {

constexpr int no_class = -1;

std::string joined(std::span<const std::string> words) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
    return text;
}

}  // namespace

LabelledSet with_names(LabelledSet set, std::span<const std::string> names) {
    std::vector<int> id_of;
    std::vector<bool> labelled(names.size(), false);
    for (std::size_t i = 0; i < set.names.size(); ++i) {
        const auto found = std::ranges::find(names, set.names[i]);
        const auto place = static_cast<std::size_t>(found - names.begin());
        id_of.push_back(found == names.end() ? no_class : static_cast<int>(place));
        if (found != names.end() && set.labelled[i]) labelled[place] = true;
    }
    for (LabelledPicture& picture : set.pictures)
        for (Truth& truth : picture.truths) {
            const auto theirs = static_cast<std::size_t>(truth.class_id);
            truth.class_id = id_of[theirs];
            if (truth.class_id == no_class)
                throw Error(set.source.string() + ": marks the class '" + set.names[theirs] +
                            "', which is none of " + joined(names) +
                            ": say in a class map what it is, or ignore");
        }
    for (auto& [category, id] : set.class_of_category) id = id_of[static_cast<std::size_t>(id)];
    std::erase_if(set.class_of_category,
                  [](const auto& entry) { return entry.second == no_class; });
    set.names.assign(names.begin(), names.end());
    set.labelled = std::move(labelled);
    return set;
}

}  // namespace caplamp::datasets
