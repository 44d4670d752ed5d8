// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <filesystem>
#include <string>
#include <vector>

#include "training/data_set.hpp"
#include "training/jpeg.hpp"

namespace caplamp::training {

/// A folder of its own for one test, gone afterwards.
class TemporaryFolder {
public:
    TemporaryFolder();
    ~TemporaryFolder();
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    const std::filesystem::path& path() const { return path_; }
    /// Makes the folders on the way.
    std::filesystem::path write(const std::string& name, const std::string& text) const;

private:
    std::filesystem::path path_;
};

/// A grey picture with one rectangle in the pure colour of its class: red, green or blue.
struct PaintedPicture {
    int width = 0;
    int height = 0;
    int class_id = 0;
    int left = 0, top = 0, right = 0, bottom = 0;  // of the rectangle
};

RgbPicture paint(const PaintedPicture& painted);
LabelBox label_of(const PaintedPicture& painted);

/// Writes the pictures as JPEG files and describes them as a set that labels three classes.
DataSet painted_set(const TemporaryFolder& folder, const std::string& name,
                    const std::vector<PaintedPicture>& pictures);

/// Pictures of several shapes, some larger than others, rectangles off the middle.
std::vector<PaintedPicture> assorted_pictures();

const std::vector<std::string>& three_classes();

/// The message of the Error that `action` throws; empty when it throws none.
template <class Action>
std::string error_of(const Action& action) {
    try {
        action();
    } catch (const std::exception& e) {
        return e.what();
    }
    return {};
}

}  // namespace caplamp::training
