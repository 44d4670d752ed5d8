// SPDX-License-Identifier: Apache-2.0
#include "training/data_set.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.hpp"
#include "tests/training/painted_pictures.hpp"

namespace caplamp::training {
namespace {

using testing::HasSubstr;

class DataSetTest : public testing::Test {
protected:
    std::filesystem::path write_yaml(const std::string& text) {
        return folder.write("mine/data.yaml", text);
    }
    DataSet read(const DataSetOptions& options = {}) {
        return read_data_set(folder.path() / "mine/data.yaml", three_classes(), options);
    }
    std::string complaint(const DataSetOptions& options = {}) {
        return error_of([&] { read(options); });
    }

    TemporaryFolder folder;
};

TEST_F(DataSetTest, MapsClassesByNameAndSortsPictures) {
    write_yaml("train: images/train\nnames: [person, helmet]\nlabelled: [person]\n");
    folder.write("mine/images/train/b.jpg", "");
    folder.write("mine/images/train/a.JPEG", "");
    folder.write("mine/images/train/notes.txt", "");
    folder.write("mine/labels/train/b.txt", "1 0.5 0.5 0.2 0.4\n\n0 0.25 0.5 0.5 1\n");
    const DataSet set = read();
    EXPECT_EQ(set.name, "mine");
    ASSERT_EQ(set.samples.size(), 2U);
    EXPECT_EQ(set.samples[0].picture.filename(), "a.JPEG");
    EXPECT_TRUE(set.samples[0].boxes.empty());
    ASSERT_EQ(set.samples[1].boxes.size(), 2U);
    EXPECT_EQ(set.samples[1].boxes[0].class_id, 0);  // helmet
    EXPECT_EQ(set.samples[1].boxes[1].class_id, 2);  // person
    EXPECT_EQ(set.labelled, (std::vector<bool>{false, false, true}));
}

TEST_F(DataSetTest, LabelsEveryClassItNamesUnlessToldOtherwise) {
    write_yaml("path: ..\ntrain: [mine/x, mine/y]\nnames: {0: helmet, 1: person}\nweight: 2.5\n");
    folder.write("mine/x/1.jpg", "");
    folder.write("mine/y/2.jpg", "");
    const DataSet set = read();
    EXPECT_EQ(set.samples.size(), 2U);
    EXPECT_EQ(set.labelled, (std::vector<bool>{true, false, true}));
    EXPECT_EQ(set.weight, 2.5);
}

TEST_F(DataSetTest, ReadsAListOfPictures) {
    write_yaml("val: list.txt\nnames: [helmet]\n");
    folder.write("mine/list.txt", "./images/1.jpg\r\n\nimages/2.jpg\n");
    folder.write("mine/labels/2.txt", "0 0.5 0.5 0.1 0.1\n");
    const DataSet set = read({.split = "val"});
    ASSERT_EQ(set.samples.size(), 2U);
    EXPECT_EQ(set.samples[0].picture, folder.path() / "mine/images/1.jpg");
    EXPECT_EQ(set.samples[1].boxes.size(), 1U);
}

TEST_F(DataSetTest, TakesLabelsFromAnotherFolderAndLeavesOutWhatHasNone) {
    write_yaml("val: images\nnames: [helmet, person]\nlabelled: [helmet]\n");
    folder.write("mine/images/1.jpg", "");
    folder.write("mine/images/2.jpg", "");
    folder.write("mine/labels/1.txt", "0 0.5 0.5 0.1 0.1\n");
    folder.write("mine/better/2.txt", "");
    const DataSet set = read(
        {.split = "val", .labels = folder.path() / "mine/better", .only_labelled_pictures = true});
    ASSERT_EQ(set.samples.size(), 1U);
    EXPECT_EQ(set.samples[0].picture.filename(), "2.jpg");
    EXPECT_EQ(set.labelled, (std::vector<bool>{true, false, true}));
    EXPECT_THAT(complaint({.split = "val", .labels = folder.path() / "nowhere"}),
                HasSubstr("nowhere: is not a folder"));
}

TEST_F(DataSetTest, NamesFileAndLineOfAMalformedLabel) {
    write_yaml("train: images\nnames: [helmet]\n");
    folder.write("mine/images/1.jpg", "");
    const auto complaint_about = [&](const std::string& line) {
        folder.write("mine/labels/1.txt", "0 0.5 0.5 0.1 0.1\n" + line + "\n");
        return complaint();
    };
    EXPECT_THAT(complaint_about("0 0.5 0.5 0.1"), HasSubstr("labels/1.txt:2: needs class"));
    EXPECT_THAT(complaint_about("0 0.5 0.5 0.1 0.1 0.9"), HasSubstr("has 6 words"));
    EXPECT_THAT(complaint_about("1 0.5 0.5 0.1 0.1"), HasSubstr("class '1' is not 0..0"));
    EXPECT_THAT(complaint_about("-1 0.5 0.5 0.1 0.1"), HasSubstr("class '-1'"));
    EXPECT_THAT(complaint_about("helmet 0.5 0.5 0.1 0.1"), HasSubstr("class 'helmet'"));
    EXPECT_THAT(complaint_about("0 0.5 320 0.1 0.1"), HasSubstr("'320' is not a share"));
    EXPECT_THAT(complaint_about("0 nan 0.5 0.1 0.1"), HasSubstr("'nan' is not a share"));
    EXPECT_THAT(complaint_about("0 0.5 0.5x 0.1 0.1"), HasSubstr("'0.5x' is not a share"));
    EXPECT_THAT(complaint_about("0 0.5 0.5 0 0.1"), HasSubstr("no area"));
    EXPECT_EQ(complaint_about("0 0.5 0.5 0.1 0.1\r"), "");
}

TEST_F(DataSetTest, CutsBoxesToThePicture) {
    const auto file = folder.write("1.txt", "0 0.9 0.5 0.4 0.2\n");
    const std::vector<LabelBox> boxes = read_labels(file, {0});
    ASSERT_EQ(boxes.size(), 1U);
    EXPECT_TRUE(std::abs(boxes[0].cx - 0.85F) <= 1e-6F);
    EXPECT_TRUE(std::abs(boxes[0].width - 0.3F) <= 1e-6F);
}

TEST_F(DataSetTest, ListsBothSidesWhenAClassIsUnknown) {
    write_yaml("train: images\nnames: [helmet, vest]\n");
    const std::string text = complaint();
    EXPECT_THAT(text, HasSubstr("data.yaml:2: names: names 'vest' (of helmet, vest)"));
    EXPECT_THAT(text, HasSubstr("helmet, head, person"));
}

TEST_F(DataSetTest, ExplainsWhatItsDescriptionLacks) {
    write_yaml("names: [helmet]\n");
    EXPECT_THAT(complaint(), HasSubstr("has no 'train'"));
    write_yaml("train: images\nnames: [helmet]\n");
    EXPECT_THAT(complaint(), HasSubstr("there is no folder or list"));
    std::filesystem::create_directories(folder.path() / "mine/images");
    EXPECT_THAT(complaint(), HasSubstr("holds no pictures"));
    write_yaml("train: images\nnames: {0: helmet, 2: head}\n");
    EXPECT_THAT(complaint(), HasSubstr("numbers its classes 0..1, not '2'"));
    write_yaml("train: images\nnames: [helmet]\nlabelled: [head]\n");
    EXPECT_THAT(complaint(), HasSubstr("data.yaml:3: labelled: 'head' is none"));
    write_yaml("train: images\n");
    EXPECT_THAT(complaint(), HasSubstr("names"));
}

TEST_F(DataSetTest, WeighsBoxesPerSetOrPerClass) {
    folder.write("mine/images/1.jpg", "");
    write_yaml("train: images\nnames: [helmet]\nbox_weight: 0.5\n");
    EXPECT_EQ(read().box_weight, (std::vector<float>{0.5F, 0.5F, 0.5F}));
    write_yaml("train: images\nnames: [helmet]\nbox_weight: {head: 0.25}\n");
    EXPECT_EQ(read().box_weight, (std::vector<float>{1, 0.25F, 1}));
    write_yaml("train: images\nnames: [helmet]\nbox_weight: {hat: 0.25}\n");
    EXPECT_THAT(complaint(), HasSubstr("'hat' is none of helmet, head, person"));
}

TEST_F(DataSetTest, LetsTheCommandLineOverrideWeights) {
    folder.write("mine/images/1.jpg", "");
    write_yaml("train: images\nnames: [helmet]\n");
    std::vector<DataSet> sets{read()};
    set_weight(sets, "mine=3");
    set_box_weight(sets, "mine=0.5", three_classes());
    set_box_weight(sets, "mine/person=1", three_classes());
    EXPECT_EQ(sets[0].weight, 3);
    EXPECT_EQ(sets[0].box_weight, (std::vector<float>{0.5F, 0.5F, 1}));
    EXPECT_THAT(error_of([&] { set_weight(sets, "yours=3"); }), HasSubstr("the sets are mine"));
    EXPECT_THAT(error_of([&] { set_weight(sets, "mine"); }), HasSubstr("SET=NUMBER"));
    EXPECT_THAT(error_of([&] { set_weight(sets, "mine=-1"); }), HasSubstr("0..100"));
    EXPECT_THAT(error_of([&] { set_box_weight(sets, "mine/hat=1", three_classes()); }),
                HasSubstr("the classes are"));
}

}  // namespace
}  // namespace caplamp::training
