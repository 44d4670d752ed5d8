// SPDX-License-Identifier: Apache-2.0
#include "datasets/cmodd.hpp"

#include "small_sets.hpp"

namespace caplamp::datasets {
namespace {

const std::vector<std::string> cmodd_names{"helmet", "person"};

std::string annotation(const std::string& name) {
    return "<annotation><object><name>" + name +
           "</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>9</xmax><ymax>9</ymax></bndbox>"
           "</object></annotation>";
}

TEST(Cmodd, ReadsVocAnnotations) {
    const TemporaryFolder folder;
    folder.picture("JPEGImages/a.gif", 640, 400);
    folder.picture("JPEGImages/b.gif", 640, 400);
    folder.write("Annotations/a.xml", annotation("Person"));
    folder.write("Annotations/b.xml", annotation("person"));
    const LabelledSet set = read_cmodd(folder.path(), {});
    EXPECT_EQ(set.names, cmodd_names);
    ASSERT_EQ(set.pictures.size(), 2u);
    EXPECT_EQ(set.pictures[0].truths[0].class_id, 1);
    EXPECT_EQ(set.pictures[1].truths[0].class_id, 1);
    folder.write("Annotations/b.xml", annotation("cart"));
    EXPECT_THROW(read_cmodd(folder.path(), {}), Error);
}

TEST(Cmodd, ReadsYoloLabelsWithAndWithoutSplits) {
    const TemporaryFolder folder;
    folder.picture("images/a.gif", 640, 400);
    folder.write("labels/a.txt", "1 0.5 0.5 0.1 0.1\n");
    EXPECT_EQ(read_cmodd(folder.path(), {}).pictures.size(), 1u);
    EXPECT_EQ(cmodd_splits(folder.path()), std::vector<std::string>{"all"});
    folder.picture("images/val/b.gif", 640, 400);
    folder.write("labels/val/b.txt", "0 0.5 0.5 0.1 0.1\n");
    const LabelledSet set = read_cmodd(folder.path(), {});
    EXPECT_EQ(set.names, cmodd_names);
    ASSERT_EQ(set.pictures.size(), 1u);
    EXPECT_EQ(set.pictures[0].truths[0].class_id, 0);
    EXPECT_THROW(read_cmodd(folder.path(), {.split = "test"}), Error);
}

TEST(Cmodd, NotesPicturesOfAnotherSize) {
    const TemporaryFolder folder;
    folder.picture("images/a.gif", 320, 200);
    folder.write("labels/a.txt", "");
    Problems problems;
    ReadOptions options;
    options.problems = &problems;
    read_cmodd(folder.path(), options);
    ASSERT_EQ(problems.size(), 1u);
    EXPECT_EQ(problems[0].kind, "wrong size");
}

TEST(Cmodd, IsNotAnyFolder) {
    const TemporaryFolder folder;
    EXPECT_THROW(read_cmodd(folder.path(), {}), Error);
}

}  // namespace
}  // namespace caplamp::datasets
