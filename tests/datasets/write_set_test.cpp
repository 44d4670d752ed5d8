// SPDX-License-Identifier: Apache-2.0
#include "datasets/write_set.hpp"

#include <cmath>

#include "datasets/coco.hpp"
#include "datasets/yolo.hpp"
#include "small_sets.hpp"

namespace caplamp::datasets {
namespace {

LabelledSet usual_set(const TemporaryFolder& folder, const std::string& split) {
    LabelledSet set;
    set.split = split;
    set.names = {"helmet", "it's: [a] head"};
    set.labelled = {true, false};
    for (const char* name : {"a.gif", "b.gif"}) {
        LabelledPicture picture;
        picture.file = folder.picture(split + "-pictures/" + name, 640, 400);
        picture.width = 640;
        picture.height = 400;
        set.pictures.push_back(picture);
    }
    set.pictures[0].truths = {{.class_id = 0, .box = {10.5f, 20.25f, 14, 18}},
                              {.class_id = 1, .box = {0, 0, 640, 400}}};
    return set;
}

void expect_same(const LabelledSet& read, const LabelledSet& written, float tolerance) {
    EXPECT_EQ(read.names, written.names);
    ASSERT_EQ(read.pictures.size(), written.pictures.size());
    for (std::size_t p = 0; p < read.pictures.size(); ++p) {
        EXPECT_EQ(read.pictures[p].width, written.pictures[p].width);
        ASSERT_EQ(read.pictures[p].truths.size(), written.pictures[p].truths.size());
        for (std::size_t i = 0; i < read.pictures[p].truths.size(); ++i) {
            const Truth& a = read.pictures[p].truths[i];
            const Truth& b = written.pictures[p].truths[i];
            EXPECT_EQ(a.class_id, b.class_id);
            EXPECT_EQ(a.crowd, b.crowd);
            EXPECT_EQ(a.difficult, b.difficult);
            EXPECT_TRUE(std::abs(a.box.x - b.box.x) <= tolerance);
            EXPECT_TRUE(std::abs(a.box.y - b.box.y) <= tolerance);
            EXPECT_TRUE(std::abs(a.box.width - b.box.width) <= tolerance);
            EXPECT_TRUE(std::abs(a.box.height - b.box.height) <= tolerance);
        }
    }
}

TEST(WriteYolo, IsReadBackAsItWas) {
    const TemporaryFolder folder;
    const std::vector<LabelledSet> splits{usual_set(folder, "train"), usual_set(folder, "val")};
    const Loss loss = write_yolo(splits, folder.path() / "out");
    EXPECT_EQ(loss.crowds + loss.difficult, 0);
    for (const LabelledSet& split : splits) {
        const LabelledSet read = read_yolo(folder.path() / "out/data.yaml", {.split = split.split});
        expect_same(read, split, 1e-3f);
        EXPECT_EQ(read.labelled, split.labelled);
    }
    EXPECT_FALSE(std::filesystem::exists(folder.path() / "out.part"));
}

TEST(WriteYolo, CountsWhatYoloCannotSay) {
    const TemporaryFolder folder;
    std::vector<LabelledSet> splits{usual_set(folder, "val")};
    splits[0].pictures[0].truths[0].crowd = true;
    splits[0].pictures[0].truths[1].difficult = true;
    const Loss loss = write_yolo(splits, folder.path() / "out");
    EXPECT_EQ(loss.crowds, 1);
    EXPECT_EQ(loss.difficult, 1);
    EXPECT_TRUE(read_yolo(folder.path() / "out/data.yaml", {}).pictures[0].truths.empty());
}

TEST(WriteYolo, LeavesNothingHalfWritten) {
    const TemporaryFolder folder;
    std::vector<LabelledSet> splits{usual_set(folder, "val")};
    splits[0].pictures.push_back(splits[0].pictures[0]);
    EXPECT_NE(complaint([&] { write_yolo(splits, folder.path() / "out"); }, folder.path())
                  .find("another picture of this split has its name"),
              std::string::npos);
    EXPECT_FALSE(std::filesystem::exists(folder.path() / "out"));
    splits[0].pictures.pop_back();
    splits[0].pictures[1].file = "none.gif";
    EXPECT_THROW(write_yolo(splits, folder.path() / "out"), Error);
    EXPECT_FALSE(std::filesystem::exists(folder.path() / "out"));
    EXPECT_FALSE(std::filesystem::exists(folder.path() / "out.part"));
    std::filesystem::create_directories(folder.path() / "out");
    EXPECT_EQ(complaint([&] { write_yolo(splits, folder.path() / "out"); }, folder.path()),
              "out: exists already");
}

TEST(WriteCoco, IsReadBackAsItWas) {
    const TemporaryFolder folder;
    LabelledSet set = usual_set(folder, "val");
    set.pictures[0].truths[0].crowd = true;
    set.pictures[0].truths[1].difficult = true;
    set.pictures[0].truths[1].area = 1234;
    const auto file = folder.path() / "val.json";
    write_coco(set, file);
    const LabelledSet read = read_coco(file, {});
    expect_same(read, set, 0);
    EXPECT_EQ(read.pictures[0].truths[1].area, 1234);
    EXPECT_TRUE(std::filesystem::equivalent(read.pictures[0].file, set.pictures[0].file));
    EXPECT_THROW(write_coco(set, folder.path() / "none/val.json"), Error);
}

}  // namespace
}  // namespace caplamp::datasets
