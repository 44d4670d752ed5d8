// SPDX-License-Identifier: Apache-2.0
#include "datasets/yolo.hpp"

#include "small_sets.hpp"

namespace caplamp::datasets {
namespace {

constexpr const char* usual_yaml =
    "path: .\n"
    "train: images/train\n"
    "val: images/valid\n"
    "names: {0: helmet, 1: head, 2: person}\n"
    "labelled: [helmet, head]\n"
    "roboflow: {project: x}\n";

// Two labelled pictures, one without labels, one of another split.
std::filesystem::path usual_set(const TemporaryFolder& folder) {
    folder.picture("images/valid/a.gif", 200, 100);
    folder.picture("images/valid/b.gif", 100, 100);
    folder.picture("images/valid/deep/c.gif", 100, 100);
    folder.picture("images/train/t.gif", 64, 64);
    folder.write("labels/valid/a.txt", "0 0.5 0.5 0.5 0.5\n1 0.1 0.1 0.1 0.1\n");
    folder.write("labels/valid/deep/c.txt", "2 0.5 0.5 0.5 0.5\n");
    return folder.write("data.yaml", usual_yaml);
}

TEST(Yolo, ReadsPicturesSizesLabelsAndTheMask) {
    const TemporaryFolder folder;
    const LabelledSet set = read_yolo(usual_set(folder), {});
    EXPECT_EQ(set.names, (std::vector<std::string>{"helmet", "head", "person"}));
    EXPECT_EQ(set.labelled, (std::vector<bool>{true, true, false}));
    ASSERT_EQ(set.pictures.size(), 3u);
    EXPECT_EQ(set.pictures[0].file.filename(), "a.gif");
    EXPECT_EQ(set.pictures[0].width, 200);
    EXPECT_EQ(set.pictures[0].truths.size(), 2u);
    EXPECT_TRUE(set.pictures[1].truths.empty());
    EXPECT_TRUE(set.pictures[1].labels.empty());
    EXPECT_EQ(set.pictures[2].truths.size(), 1u);
    EXPECT_EQ(read_yolo(folder.path() / "data.yaml", {.split = "train"}).pictures.size(), 1u);
    EXPECT_EQ(yolo_splits(folder.path() / "data.yaml"), (std::vector<std::string>{"train", "val"}));
}

TEST(Yolo, ReadsOtherLabelsAndOnlyThePicturesThatHaveThem) {
    const TemporaryFolder folder;
    const auto data = usual_set(folder);
    folder.write("other/valid/b.txt", "2 0.5 0.5 0.5 0.5\n");
    for (const char* labels : {"other", "other/valid"}) {
        const LabelledSet set = read_yolo(data, {.labels = folder.path() / labels});
        ASSERT_EQ(set.pictures.size(), 1u) << labels;
        EXPECT_EQ(set.pictures[0].file.filename(), "b.gif");
        EXPECT_EQ(set.pictures[0].truths[0].class_id, 2);
        EXPECT_EQ(set.labelled, (std::vector<bool>{true, true, true}));
    }
    ReadOptions persons{.labels = folder.path() / "other"};
    persons.labelled = {"person"};
    EXPECT_EQ(read_yolo(data, persons).labelled, (std::vector<bool>{false, false, true}));
    EXPECT_EQ(
        complaint([&] { read_yolo(data, {.labels = folder.path() / "none"}); }, folder.path()),
        "none: no such folder of labels");
    std::filesystem::create_directories(folder.path() / "empty");
    EXPECT_EQ(
        complaint([&] { read_yolo(data, {.labels = folder.path() / "empty"}); }, folder.path()),
        "empty: holds labels for no picture of images/valid");
}

TEST(Yolo, ReadsListsAndSeveralPlaces) {
    const TemporaryFolder folder;
    usual_set(folder);
    folder.write("list.txt", "images/valid/a.gif\n\n./images/valid/b.gif\r\n");
    const auto data = folder.write("data.yaml",
                                   "val: [list.txt, images/train/]\n"
                                   "names: [helmet, head, person]\n");
    const LabelledSet set = read_yolo(data, {});
    ASSERT_EQ(set.pictures.size(), 3u);
    EXPECT_EQ(set.pictures[0].truths.size(), 2u);
    EXPECT_EQ(set.pictures[2].file.filename(), "t.gif");
    EXPECT_EQ(set.labelled, (std::vector<bool>{true, true, true}));
    folder.write("list.txt", "images/valid/none.gif\n");
    EXPECT_EQ(complaint([&] { read_yolo(data, {}); }, folder.path()),
              "images/valid/none.gif: cannot be read");
}

TEST(Yolo, NamesTheLineOfAWrongSetting) {
    const TemporaryFolder folder;
    usual_set(folder);
    const auto message = [&](const std::string& yaml, const ReadOptions& options = {}) {
        const auto data = folder.write("data.yaml", yaml);
        return complaint([&] { read_yolo(data, options); }, folder.path());
    };
    EXPECT_EQ(message("val: images/valid\n"), "data.yaml:1: names: is missing");
    EXPECT_EQ(message("val: images/valid\nnames: [a, a]\n"),
              "data.yaml:2: names: two classes are named 'a'");
    EXPECT_EQ(message("val: images/valid\nnames: {0: a, 2: b}\n"),
              "data.yaml:2: names.2: class ids must count 0, 1, 2 ... without a gap");
    EXPECT_EQ(message("val: images/valid\nnames: [a]\nlabelled: [b]\n"),
              "data.yaml:3: labelled: 'b' is none of the names");
    EXPECT_EQ(message("val: images/valid\nnames: [a]\nlabeled: [a]\n"),
              "data.yaml:3: labeled: unknown setting, did you mean 'labelled'?");
    EXPECT_EQ(message("val: images/none\nnames: [a]\n"),
              "data.yaml:1: val: no such folder or list of pictures: images/none");
    EXPECT_EQ(message("names: [a]\n"), "data.yaml:1: has no split 'val'");
    EXPECT_EQ(message("names: [a]\n", {.split = "names"}),
              "split must be train, val or test, is 'names'");
    EXPECT_NE(message("names: [a\n").find("data.yaml:"), std::string::npos);
}

TEST(Yolo, StopsAtABrokenPictureUnlessItIsAsked) {
    const TemporaryFolder folder;
    const auto data = usual_set(folder);
    folder.write("images/valid/broken.jpg", "text");
    folder.write("labels/valid/orphan.txt", "");
    EXPECT_EQ(complaint([&] { read_yolo(data, {}); }, folder.path()),
              "images/valid/broken.jpg: not a JPEG, PNG, BMP or GIF picture");
    Problems problems;
    ReadOptions options;
    options.problems = &problems;
    EXPECT_EQ(read_yolo(data, options).pictures.size(), 3u);
    std::vector<std::string> kinds;
    for (const Problem& problem : problems) kinds.push_back(problem.kind);
    EXPECT_EQ(kinds, (std::vector<std::string>{"no labels", "broken picture", "missing picture"}));
}

TEST(Yolo, StopsAtAFolderWithoutPictures) {
    const TemporaryFolder folder;
    std::filesystem::create_directories(folder.path() / "images");
    const auto data = folder.write("data.yaml", "val: images\nnames: [a]\n");
    EXPECT_EQ(complaint([&] { read_yolo(data, {}); }, folder.path()), "images: holds no picture");
}

}  // namespace
}  // namespace caplamp::datasets
