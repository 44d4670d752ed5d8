// SPDX-License-Identifier: Apache-2.0
#include "tests/training/painted_pictures.hpp"

#include <stdlib.h>

#include <fstream>
#include <stdexcept>

namespace caplamp::training {

TemporaryFolder::TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "caplamp-XXXXXX").string();
    if (!mkdtemp(name.data())) throw std::runtime_error("no temporary folder " + name);
    path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

std::filesystem::path TemporaryFolder::write(const std::string& name,
                                             const std::string& text) const {
    const std::filesystem::path file = path_ / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << text;
    return file;
}

RgbPicture paint(const PaintedPicture& painted) {
    RgbPicture picture{painted.height, painted.width, {}};
    for (int y = 0; y < painted.height; ++y)
        for (int x = 0; x < painted.width; ++x) {
            const bool inside =
                x >= painted.left && x < painted.right && y >= painted.top && y < painted.bottom;
            for (int c = 0; c < 3; ++c)
                picture.pixels.push_back(!inside ? 100 : c == painted.class_id ? 255 : 0);
        }
    return picture;
}

LabelBox label_of(const PaintedPicture& painted) {
    const auto width = static_cast<float>(painted.width);
    const auto height = static_cast<float>(painted.height);
    return {.class_id = painted.class_id,
            .cx = static_cast<float>(painted.left + painted.right) / 2 / width,
            .cy = static_cast<float>(painted.top + painted.bottom) / 2 / height,
            .width = static_cast<float>(painted.right - painted.left) / width,
            .height = static_cast<float>(painted.bottom - painted.top) / height};
}

DataSet painted_set(const TemporaryFolder& folder, const std::string& name,
                    const std::vector<PaintedPicture>& pictures) {
    DataSet set{.name = name,
                .samples = {},
                .labelled = {true, true, true},
                .box_weight = {1, 1, 1},
                .weight = 1};
    std::filesystem::create_directories(folder.path() / name);
    for (std::size_t i = 0; i < pictures.size(); ++i) {
        const auto file = folder.path() / name / (std::to_string(i) + ".jpg");
        write_jpeg(file, paint(pictures[i]), 100);
        set.samples.push_back({file, {label_of(pictures[i])}});
    }
    return set;
}

std::vector<PaintedPicture> assorted_pictures() {
    return {{120, 80, 0, 10, 20, 40, 60}, {64, 130, 1, 20, 80, 50, 120},
            {100, 100, 2, 60, 5, 95, 50}, {300, 200, 0, 200, 30, 290, 100},
            {97, 61, 1, 50, 30, 80, 55},  {33, 40, 2, 4, 8, 20, 36}};
}

const std::vector<std::string>& three_classes() {
    static const std::vector<std::string> names{"helmet", "head", "person"};
    return names;
}

}  // namespace caplamp::training
