// SPDX-License-Identifier: Apache-2.0
#include "app/set_options.hpp"

#include <CLI/CLI.hpp>

#include "core/error.hpp"
#include "datasets/class_map.hpp"

namespace caplamp::app {

datasets::Format SetOptions::format_of_data() const {
    if (format.empty()) return datasets::format_of(data);
    if (const auto named = datasets::format_named(format)) return *named;
    throw Error("--format: must be yolo, voc, coco or cmodd, is " + format);
}

datasets::LabelledSet SetOptions::read(const std::string& of_split,
                                       datasets::Problems* problems) const {
    datasets::ReadOptions options;
    options.split = of_split;
    options.pictures = pictures;
    options.problems = problems;
    if (!labels.empty()) {
        // As it stands from here, or else beside the set.
        const std::filesystem::path root = std::filesystem::is_directory(data)
                                               ? std::filesystem::path(data)
                                               : std::filesystem::path(data).parent_path();
        const bool here = std::filesystem::is_directory(labels);
        options.labels = here ? std::filesystem::path(labels) : root / labels;
    }
    if (!labelled.empty()) options.labelled = labelled;
    datasets::LabelledSet set = datasets::read_set(data, format_of_data(), options);
    if (class_map.empty()) return set;
    return datasets::ClassMap::load(class_map).apply(std::move(set));
}

std::vector<std::string> SetOptions::splits() const {
    if (!split.empty()) return {split};
    return datasets::splits_of(data, format_of_data());
}

void add_set_options(CLI::App& command, SetOptions& options) {
    command.add_option("--format", options.format,
                       "yolo, voc, coco or cmodd; default by what the set looks like");
    command.add_option("--labels", options.labels,
                       "Take YOLO labels from this folder; only pictures that have a file there "
                       "count");
    command.add_option("--pictures", options.pictures,
                       "Folder of the pictures of a VOC or COCO set");
    command.add_option("--class-map", options.class_map,
                       "YAML file 'their class: our class', or ignore");
    command
        .add_option("--labelled", options.labelled,
                    "Classes marked in every picture, as helmet,head; default what data.yaml says, "
                    "or all")
        ->delimiter(',');
}

}  // namespace caplamp::app
