// SPDX-License-Identifier: Apache-2.0
#include "datasets/read_set.hpp"

#include "small_sets.hpp"

namespace caplamp::datasets {
namespace {

TEST(ReadSet, KnowsAFormatByWhatItLooksLike) {
    const TemporaryFolder folder;
    EXPECT_EQ(format_of(folder.write("a.yaml", "")), Format::yolo);
    EXPECT_EQ(format_of(folder.write("a.yml", "")), Format::yolo);
    EXPECT_EQ(format_of(folder.write("a.json", "")), Format::coco);
    EXPECT_EQ(format_of(folder.path()), Format::voc);
    folder.write("data.yaml", "");
    EXPECT_EQ(format_of(folder.path()), Format::yolo);
    EXPECT_EQ(complaint([&] { format_of(folder.write("a.txt", "")); }, folder.path()),
              "a.txt: neither a data.yaml, nor a COCO .json file, nor a folder");
    EXPECT_EQ(complaint([&] { format_of(folder.path() / "none"); }, folder.path()),
              "none: no such file or folder");
}

TEST(ReadSet, KnowsFormatsByName) {
    for (const Format format : {Format::yolo, Format::voc, Format::coco, Format::cmodd})
        EXPECT_EQ(format_named(name_of(format)), format);
    EXPECT_EQ(format_named("kitti"), std::nullopt);
}

TEST(ReadSet, ReadsAFolderThatHoldsADataYaml) {
    const TemporaryFolder folder;
    folder.picture("images/a.gif", 10, 10);
    folder.write("data.yaml", "val: images\nnames: [helmet]\n");
    EXPECT_EQ(read_set(folder.path(), Format::yolo, {}).pictures.size(), 1u);
    EXPECT_EQ(splits_of(folder.path(), Format::yolo), std::vector<std::string>{"val"});
}

}  // namespace
}  // namespace caplamp::datasets
