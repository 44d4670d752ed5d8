// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "datasets/yolo.hpp"

namespace caplamp::datasets {
namespace {

// The project's real pictures are not in the repository: CAPLAMP_DATASETS says where they are.
std::filesystem::path data_of(const std::string& set) {
    const char* folder = std::getenv("CAPLAMP_DATASETS");
    return std::filesystem::path(folder != nullptr ? folder : "../shared/datasets") / set /
           "data.yaml";
}

struct Expected {
    const char* set;
    const char* split;
    std::size_t pictures;
    std::vector<bool> labelled;
};

TEST(RealSets, HoldWhatTheirReadmeSays) {
    const Expected sets[] = {
        {"hard-hat-workers", "train", 4763, {true, true, false}},
        {"hard-hat-workers", "val", 900, {true, true, false}},
        {"rf100-construction-safety", "train", 978, {true, true, true}},
        {"rf100-construction-safety", "val", 115, {true, true, true}},
        {"espec-hard-hat", "train", 461, {true, true, true}},
        {"person-mixed", "train", 700, {false, false, true}},
    };
    for (const Expected& expected : sets) {
        const std::filesystem::path data = data_of(expected.set);
        if (!std::filesystem::exists(data))
            GTEST_SKIP() << "no real pictures: set CAPLAMP_DATASETS";
        const LabelledSet set = read_yolo(data, {.split = expected.split});
        EXPECT_EQ(set.pictures.size(), expected.pictures) << expected.set << " " << expected.split;
        EXPECT_EQ(set.labelled, expected.labelled) << expected.set;
        EXPECT_EQ(set.names, (std::vector<std::string>{"helmet", "head", "person"}));
    }
}

TEST(RealSets, HoldPersonsForHalfOfTheValidationPictures) {
    const std::filesystem::path data = data_of("hard-hat-workers");
    if (!std::filesystem::exists(data)) GTEST_SKIP() << "no real pictures: set CAPLAMP_DATASETS";
    const LabelledSet set = read_yolo(data, {.labels = data.parent_path() / "labels_3class"});
    EXPECT_EQ(set.pictures.size(), 452u);
    EXPECT_EQ(set.labelled, (std::vector<bool>{true, true, true}));
}

}  // namespace
}  // namespace caplamp::datasets
