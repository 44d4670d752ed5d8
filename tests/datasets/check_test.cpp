// SPDX-License-Identifier: Apache-2.0
#include "datasets/check.hpp"

#include <map>

#include "datasets/duplicates.hpp"
#include "small_sets.hpp"

namespace caplamp::datasets {
namespace {

LabelledPicture picture_of(const std::filesystem::path& file, std::vector<Truth> truths) {
    LabelledPicture picture;
    picture.file = file;
    picture.labels = "labels.txt";
    picture.width = 100;
    picture.height = 100;
    picture.truths = std::move(truths);
    return picture;
}

LabelledSet set_of(const std::string& split, std::vector<LabelledPicture> pictures) {
    LabelledSet set;
    set.split = split;
    set.names = {"helmet", "person"};
    set.labelled = {true, false};
    set.pictures = std::move(pictures);
    return set;
}

Truth helmet(Box box) { return {.class_id = 0, .box = box}; }
Truth person(Box box) { return {.class_id = 1, .box = box}; }

std::map<std::string, int> kinds(const Problems& problems) {
    std::map<std::string, int> counts;
    for (const Problem& problem : problems) ++counts[problem.kind];
    return counts;
}

using Counts = std::map<std::string, int>;

TEST(DatasetCheck, FindsNothingInAGoodSet) {
    const TemporaryFolder folder;
    const std::vector<LabelledSet> splits{
        set_of("train", {picture_of(folder.picture("a.gif", 9, 9), {helmet({0, 0, 100, 100})})}),
        set_of("val", {picture_of(folder.picture("b.gif", 9, 9), {helmet({1, 0, 9, 9})})})};
    EXPECT_EQ(kinds(check(splits)), Counts{});
}

TEST(DatasetCheck, FindsBoxesWithoutAreaAndOutOfRange) {
    const TemporaryFolder folder;
    const std::vector<LabelledSet> splits{
        set_of("train", {picture_of(folder.picture("a.gif", 9, 9),
                                    {helmet({5, 5, 0, 9}), helmet({-3, 0, 9, 9}),
                                     helmet({0, 60, 9, 50}), helmet({99.5f, 0, 1, 1})})})};
    EXPECT_EQ(kinds(check(splits)), (Counts{{"no area", 1}, {"out of range", 2}}));
    EXPECT_EQ(check(splits)[0].message, "labels.txt: a.gif, box 1 [5, 5, 0, 9] has no area");
}

TEST(DatasetCheck, FindsBoxesThatAreThereTwice) {
    const TemporaryFolder folder;
    const std::vector<LabelledSet> splits{
        set_of("train", {picture_of(folder.picture("a.gif", 9, 9),
                                    {helmet({10, 10, 20, 20}), helmet({10, 10, 20, 20}),
                                     person({10, 10, 20, 20}), helmet({50, 50, 40, 40}),
                                     helmet({50, 50, 40, 41}), helmet({50, 60, 40, 40})})})};
    EXPECT_EQ(kinds(check(splits)), (Counts{{"same box", 1}, {"nearly the same box", 1}}));
}

TEST(DatasetCheck, FindsOnePictureInTwoSplits) {
    const TemporaryFolder folder;
    const auto a = folder.write("a.gif", "GIF89a-one");
    const auto b = folder.write("b.gif", "GIF89a-two");
    const auto copy = folder.write("copy.gif", "GIF89a-one");
    const std::vector<LabelledSet> splits{
        set_of("train", {picture_of(a, {}), picture_of(b, {}), picture_of(b, {})}),
        set_of("val", {picture_of(copy, {})})};
    const Problems problems = check(splits);
    EXPECT_EQ(kinds(problems), (Counts{{"same picture", 2}}));
    EXPECT_EQ(problems[0].message, b.string() + ": is in the set twice");
    EXPECT_EQ(problems[1].message, copy.string() + ": is the same picture as " + a.string());
}

TEST(DatasetCheck, FindsOnePictureStoredTwiceByItsLabels) {
    const TemporaryFolder folder;
    const std::vector<Truth> two{helmet({1, 1, 9, 9}), helmet({30, 30, 9, 9})};
    const std::vector<Truth> swapped{two[1], two[0]};
    const std::vector<LabelledSet> splits{
        set_of("train", {picture_of(folder.picture("a.gif", 9, 9), two),
                         picture_of(folder.picture("b.gif", 9, 9), {two[0]}),
                         picture_of(folder.picture("c.gif", 9, 9), {two[0]}),
                         picture_of(folder.picture("d.gif", 9, 9), swapped)})};
    EXPECT_EQ(kinds(check(splits)), (Counts{{"same labels", 1}}));
}

TEST(DatasetSummary, CountsClassesAndSizes) {
    const LabelledSet set = set_of(
        "train",
        {picture_of("a", {helmet({0, 0, 5, 10}), helmet({0, 0, 5, 16}), person({0, 0, 5, 95})}),
         picture_of("b", {helmet({0, 0, 5, 96})}), picture_of("c", {})});
    const SplitSummary summary = summarise(set);
    EXPECT_EQ(summary.pictures, 3);
    EXPECT_EQ(summary.background, 1);
    ASSERT_EQ(summary.classes.size(), 2u);
    EXPECT_EQ(summary.classes[0].name, "helmet");
    EXPECT_EQ(summary.classes[0].pictures, 2);
    EXPECT_EQ(summary.classes[0].instances, 3);
    EXPECT_EQ(summary.classes[0].by_height, (std::array<int, 4>{1, 1, 0, 1}));
    EXPECT_EQ(summary.classes[0].median_height, 16);
    EXPECT_FALSE(summary.classes[1].labelled);
    EXPECT_EQ(summary.classes[1].by_height, (std::array<int, 4>{0, 0, 1, 0}));
}

}  // namespace
}  // namespace caplamp::datasets
