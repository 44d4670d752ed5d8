// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace caplamp::training {

/// One labelled object: class of the model, centre and sides as shares of the picture's sides.
struct LabelBox {
    int class_id = 0;
    float cx = 0;
    float cy = 0;
    float width = 0;
    float height = 0;
    bool operator==(const LabelBox&) const = default;
};

struct Sample {
    std::filesystem::path picture;
    std::vector<LabelBox> boxes;  // empty: nothing of the labelled classes is in the picture
};

struct DataSetOptions {
    std::string split = "train";  // the key of data.yaml that names the pictures
    /// Folder of the label files instead of the usual one; these label every class of the set.
    std::filesystem::path labels{};
    bool only_labelled_pictures = false;  // leave out pictures without a label file
};

/// One split of one YOLO set, in the model's own classes.
struct DataSet {
    std::string name;               // `name` of data.yaml, else its folder's name
    std::vector<Sample> samples;    // sorted by path
    std::vector<bool> labelled;     // per class of the model: every such object has its box
    std::vector<float> box_weight;  // per class of the model: weight of its box loss
    double weight = 1;              // each picture is drawn so often per picture of weight 1
};

/// Reads data.yaml (`path`, the split as folder, text list of pictures or sequence of both, `names`
/// as map or list, `labelled`, `weight`, `box_weight` as number or map of classes) and its labels.
/// Classes are matched by name. Throws Error or ConfigError "file:line: ..." for what is missing or
/// malformed, and for a class name the model does not have.
DataSet read_data_set(const std::filesystem::path& yaml, const std::vector<std::string>& classes,
                      const DataSetOptions& options = {});

/// One label file, its class numbers translated by `class_of`. Boxes are cut to the picture.
/// A missing file is an empty one. Throws ConfigError naming the line.
std::vector<LabelBox> read_labels(const std::filesystem::path& file,
                                  const std::vector<int>& class_of);

/// Command-line overrides: "SET=0.3", or "SET/CLASS=0.3" for one class's boxes alone.
/// Throw Error for an unknown name or a number outside 0..100.
void set_weight(std::vector<DataSet>& sets, std::string_view assignment);
void set_box_weight(std::vector<DataSet>& sets, std::string_view assignment,
                    const std::vector<std::string>& classes);

/// The pictures of all sets one after the other: the order of the picture cache.
std::vector<std::filesystem::path> pictures_of(std::span<const DataSet> sets);

}  // namespace caplamp::training
