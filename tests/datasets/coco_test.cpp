// SPDX-License-Identifier: Apache-2.0
#include "datasets/coco.hpp"

#include "small_sets.hpp"

namespace caplamp::datasets {
namespace {

constexpr const char* images =
    R"("images":[{"id":70,"file_name":"a.gif","width":200,"height":100},)"
    R"({"id":3,"file_name":"b.gif","width":100,"height":100}])";
constexpr const char* categories =
    R"("categories":[{"id":90,"name":"person"},{"id":5,"name":"helmet"}])";

std::string file_of(const std::string& annotations) {
    return std::string("{") + images + ",\n" + categories + ",\n\"annotations\":[" + annotations +
           "]}";
}

std::filesystem::path usual_set(const TemporaryFolder& folder, const std::string& annotations) {
    folder.picture("images/a.gif", 200, 100);
    folder.picture("images/b.gif", 100, 100);
    return folder.write("annotations/val.json", file_of(annotations));
}

TEST(Coco, NumbersSparseCategoriesInOrderOfId) {
    const TemporaryFolder folder;
    const auto file = usual_set(
        folder, R"({"image_id":70,"category_id":90,"bbox":[1,2,30,40.5],"iscrowd":1,"area":77},)"
                R"({"image_id":70,"category_id":5,"bbox":[5,6,7,8],"ignore":1}, )"
                R"({"image_id":3,"category_id":5,"bbox":[0,0,100,100]})");
    const LabelledSet set = read_coco(file, {});
    EXPECT_EQ(set.names, (std::vector<std::string>{"helmet", "person"}));
    EXPECT_EQ(set.labelled, (std::vector<bool>{true, true}));
    ASSERT_EQ(set.pictures.size(), 2u);
    EXPECT_EQ(set.pictures[0].id, 70);
    EXPECT_EQ(set.pictures[0].file.filename(), "a.gif");
    ASSERT_EQ(set.pictures[0].truths.size(), 2u);
    EXPECT_EQ(set.pictures[0].truths[0],
              (Truth{.class_id = 1, .box = {1, 2, 30, 40.5f}, .crowd = true, .area = 77}));
    EXPECT_EQ(set.pictures[0].truths[1],
              (Truth{.class_id = 0, .box = {5, 6, 7, 8}, .difficult = true}));
    EXPECT_EQ(set.pictures[1].truths.size(), 1u);
    ReadOptions options;
    options.labelled = {"person"};
    EXPECT_EQ(read_coco(file, options).labelled, (std::vector<bool>{false, true}));
}

TEST(Coco, NamesTheEntryThatIsWrong) {
    const TemporaryFolder folder;
    const auto message = [&](const std::string& annotations) {
        const auto file = usual_set(folder, annotations);
        return complaint([&] { read_coco(file, {}); }, folder.path());
    };
    EXPECT_EQ(message(R"({"image_id":1,"category_id":5,"bbox":[0,0,1,1]})"),
              "annotations/val.json: annotations[0]: image_id is none of the images");
    EXPECT_EQ(message(R"({"image_id":3,"category_id":6,"bbox":[0,0,1,1]})"),
              "annotations/val.json: annotations[0]: category_id is none of the categories");
    for (const char* box : {"[0,0,1]", "[0,0,-1,1]", "[0,0,\"1\",1]", "7", "[0,0,1e30,1]"})
        EXPECT_EQ(
            message(std::string(R"({"image_id":3,"category_id":5,"bbox":)") + box + "}"),
            "annotations/val.json: annotations[0]: bbox must be [x, y, width, height] in pixels, "
            "no negative size")
            << box;
    EXPECT_EQ(message("7"), "annotations/val.json: annotations[0]: image_id is none of the images");
    EXPECT_EQ(message("{"), "annotations/val.json:3: not valid JSON");
    EXPECT_EQ(message(R"({"image_id":1e999})"),
              "annotations/val.json: not valid JSON: a number out of range");
}

TEST(Coco, NamesWhatTheFileLacks) {
    const TemporaryFolder folder;
    const auto message = [&](const std::string& json) {
        const auto file = folder.write("a.json", json);
        return complaint([&] { read_coco(file, {}); }, folder.path());
    };
    EXPECT_EQ(message("[]"), "a.json: no COCO file: not an object");
    EXPECT_EQ(message("{}"), "a.json: has no list 'categories'");
    EXPECT_EQ(message(R"({"categories":[]})"), "a.json: has no category");
    EXPECT_EQ(message(R"({"categories":[{"id":"x","name":"a"}]})"),
              "a.json: categories[0]: needs an id and a name");
    EXPECT_EQ(message(R"({"categories":[{"id":1,"name":"a"},{"id":1,"name":"b"}]})"),
              "a.json: categories[1]: this id is taken");
    EXPECT_EQ(message(R"({"categories":[{"id":1,"name":"a"}],"images":[{"id":1}]})"),
              "a.json: images[0]: needs id, file_name, width and height");
    EXPECT_EQ(message(R"({"categories":[{"id":1,"name":"a"}],"images":[)"
                      R"({"id":1,"file_name":"none.jpg","width":5,"height":5}],"annotations":[]})"),
              "a.json: images[0]: none.jpg is missing");
}

TEST(Coco, DropsWhatBelongsToAMissingPictureInACheck) {
    const TemporaryFolder folder;
    const auto file = usual_set(folder, R"({"image_id":70,"category_id":5,"bbox":[0,0,1,1]},)"
                                        R"({"image_id":3,"category_id":5,"bbox":[0,0,2,2]})");
    std::filesystem::remove(folder.path() / "images/b.gif");
    folder.picture("images/a.gif", 201, 100);
    Problems problems;
    ReadOptions options;
    options.problems = &problems;
    const LabelledSet set = read_coco(file, options);
    ASSERT_EQ(set.pictures.size(), 1u);
    EXPECT_EQ(set.pictures[0].truths.size(), 1u);
    ASSERT_EQ(problems.size(), 2u);
    EXPECT_EQ(problems[0].kind, "wrong size");
    EXPECT_EQ(problems[1].kind, "missing picture");
}

}  // namespace
}  // namespace caplamp::datasets
