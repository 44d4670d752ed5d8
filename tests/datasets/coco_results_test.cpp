// SPDX-License-Identifier: Apache-2.0
#include "datasets/coco_results.hpp"

#include "small_sets.hpp"

namespace caplamp::datasets {
namespace {

LabelledSet set_of(const std::vector<std::string>& files) {
    LabelledSet set;
    set.source = "data.yaml";
    set.names = {"helmet", "head"};
    set.labelled = {true, true};
    for (const std::string& file : files) {
        LabelledPicture picture;
        picture.file = file;
        set.pictures.push_back(picture);
    }
    return set;
}

std::string row(const std::string& image, const std::string& category = "1") {
    return R"({"image_id":)" + image + R"(,"category_id":)" + category +
           R"(,"bbox":[1,2,3,4],"score":0.5})";
}

// How many detections each picture got.
std::vector<std::size_t> counts(const LabelledSet& set, const std::string& rows) {
    const TemporaryFolder folder;
    std::vector<std::size_t> result;
    for (const Detections& found : read_coco_results(folder.write("r.json", "[" + rows + "]"), set))
        result.push_back(found.size());
    return result;
}

using Counts = std::vector<std::size_t>;

TEST(CocoResults, FindsPicturesByNameNumberOrPlace) {
    const LabelledSet named = set_of({"x/site.jpg", "x/gate.jpg"});
    EXPECT_EQ(counts(named, row("\"gate\"") + "," + row("\"site.jpg\"")), (Counts{1, 1}));
    EXPECT_EQ(counts(named, row("2")), (Counts{0, 1}));
    const LabelledSet numbered = set_of({"x/000012.jpg", "x/000002.jpg"});
    EXPECT_EQ(counts(numbered, row("2") + "," + row("12") + "," + row("2")), (Counts{1, 2}));
}

TEST(CocoResults, UsesTheIdsOfACocoSet) {
    LabelledSet set = set_of({"x/1.jpg", "x/2.jpg"});
    set.pictures[0].id = 2;
    set.pictures[1].id = 900;
    set.class_of_category = {{7, 1}};
    EXPECT_EQ(counts(set, row("2", "7") + "," + row("900", "7")), (Counts{1, 1}));
    // A category that the class map forgot is no class any more.
    EXPECT_EQ(counts(set, row("2", "7") + "," + row("2", "8")), (Counts{1, 0}));
}

TEST(CocoResults, KeepsClassScoreAndBox) {
    const TemporaryFolder folder;
    const auto file = folder.write("r.json", "[" + row("1", "2") + "]");
    EXPECT_EQ(read_coco_results(file, set_of({"a.jpg"}))[0],
              (Detections{{.class_id = 1, .score = 0.5f, .box = {1, 2, 3, 4}}}));
}

TEST(CocoResults, LeavesOutPicturesOfOtherSplits) {
    EXPECT_EQ(counts(set_of({"1.jpg"}), row("1") + "," + row("5")), Counts{1});
    EXPECT_EQ(counts(set_of({"1.jpg"}), ""), Counts{0});
}

TEST(CocoResults, NamesTheEntryThatIsWrong) {
    const TemporaryFolder folder;
    const auto message = [&](const std::string& json) {
        const auto file = folder.write("r.json", json);
        return complaint([&] { read_coco_results(file, set_of({"1.jpg"})); }, folder.path());
    };
    EXPECT_EQ(message("{}"), "r.json: no COCO results: not a list");
    EXPECT_EQ(message("[7]"), "r.json: detections[0]: image_id is missing");
    EXPECT_EQ(message("[" + row("1") + "," + row("1", "3") + "]"),
              "r.json: detections[1]: category_id must be 1..2");
    EXPECT_EQ(message("[" + row("1", "\"x\"") + "]"),
              "r.json: detections[0]: category_id must be a whole number");
    EXPECT_EQ(message(R"([{"image_id":1,"category_id":1,"bbox":[1,2,3,4],"score":null}])"),
              "r.json: detections[0]: score must be a number");
    EXPECT_EQ(message(R"([{"image_id":1,"category_id":1,"bbox":[1,2],"score":1}])"),
              "r.json: detections[0]: bbox must be [x, y, width, height] in pixels");
    EXPECT_EQ(message("[" + row("8") + "]"), "r.json: is about none of the pictures of data.yaml");
}

}  // namespace
}  // namespace caplamp::datasets
