// SPDX-License-Identifier: Apache-2.0
#include "datasets/voc.hpp"

#include "datasets/voc_annotation.hpp"
#include "small_sets.hpp"

namespace caplamp::datasets {
namespace {

std::string object(const std::string& name, const std::string& box, const std::string& more = "") {
    return "  <object>\n    <name>" + name + "</name>\n    " + more + "\n    <bndbox>" + box +
           "</bndbox>\n  </object>\n";
}

std::string corners(int xmin, int ymin, int xmax, int ymax) {
    return "<xmin>" + std::to_string(xmin) + "</xmin><ymin>" + std::to_string(ymin) +
           "</ymin><xmax>" + std::to_string(xmax) + "</xmax><ymax>" + std::to_string(ymax) +
           "</ymax>";
}

std::string annotation(const std::string& objects, const std::string& head = "") {
    return "<?xml version=\"1.0\"?>\n<annotation>\n" + head + objects + "</annotation>\n";
}

TEST(VocAnnotation, CountsPixelsFromOneWithBothCornersInside) {
    const TemporaryFolder folder;
    const auto file = folder.write(
        "a.xml", annotation(object("hat", corners(1, 1, 10, 20)) +
                                object(" person ", corners(5, 6, 5, 6), "<difficult>1</difficult>"),
                            "<filename>x.jpg</filename><size><width>200</width><height>100</height>"
                            "</size>"));
    const auto read = read_voc_annotation(file, nullptr);
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(read->filename, "x.jpg");
    EXPECT_EQ(read->size, (PictureSize{200, 100}));
    ASSERT_EQ(read->objects.size(), 2u);
    EXPECT_EQ(read->objects[0].name, "hat");
    EXPECT_EQ(read->objects[0].truth.box, (Box{0, 0, 10, 20}));
    EXPECT_FALSE(read->objects[0].truth.difficult);
    EXPECT_EQ(read->objects[1].name, "person");
    EXPECT_EQ(read->objects[1].truth.box, (Box{4, 5, 1, 1}));
    EXPECT_TRUE(read->objects[1].truth.difficult);
}

TEST(VocAnnotation, NamesTheLineThatIsWrong) {
    const TemporaryFolder folder;
    const auto message = [&](const std::string& xml) {
        const auto file = folder.write("a.xml", xml);
        return complaint([&] { read_voc_annotation(file, nullptr); }, folder.path());
    };
    EXPECT_EQ(message(annotation(object("hat", corners(9, 1, 5, 5)))),
              "a.xml:6: the corners of a box are in the wrong order");
    EXPECT_EQ(message(annotation(object("hat", "<xmin>left</xmin>"))),
              "a.xml:6: xmin must be a pixel number, is 'left'");
    EXPECT_EQ(message(annotation(object("hat", "<xmin>1e300</xmin>"))),
              "a.xml:6: xmin must be a pixel number, is '1e300'");
    EXPECT_EQ(message(annotation(object("", corners(1, 1, 5, 5)))),
              "a.xml:3: an object has no name");
    EXPECT_EQ(message(annotation("<object><name>a</name></object>")),
              "a.xml:3: an object has no bndbox");
    EXPECT_EQ(message("<voc></voc>"), "a.xml:1: not a VOC annotation: no <annotation>");
    EXPECT_EQ(message("<annotation>\n<object>\n"),
              "a.xml:2: not valid XML: Start-end tags mismatch");
    EXPECT_NE(message("").find("a.xml:1: not valid XML"), std::string::npos);
}

TEST(VocAnnotation, SurvivesAnXmlThatNestsWithoutEnd) {
    const TemporaryFolder folder;
    std::string deep = "<annotation>";
    for (int i = 0; i < 200000; ++i) deep += "<a>";
    EXPECT_THROW(read_voc_annotation(folder.write("a.xml", deep), nullptr), Error);
}

// Annotations of three pictures, of which val lists two.
void usual_set(const TemporaryFolder& folder) {
    folder.picture("JPEGImages/a.gif", 200, 100);
    folder.picture("JPEGImages/b.gif", 200, 100);
    folder.picture("JPEGImages/c.gif", 200, 100);
    folder.write("Annotations/a.xml", annotation(object("person", corners(1, 1, 9, 9))));
    folder.write("Annotations/b.xml", annotation(object("hat", corners(1, 1, 9, 9)) +
                                                 object("person", corners(1, 1, 20, 20))));
    folder.write("Annotations/c.xml", annotation("", "<filename>c.gif</filename>"));
    folder.write("ImageSets/Main/val.txt", "b\na  1\n");
    folder.write("ImageSets/Main/train.txt", "c\n");
}

TEST(Voc, ReadsTheListedPicturesWithNamesInOrder) {
    const TemporaryFolder folder;
    usual_set(folder);
    const LabelledSet set = read_voc(folder.path(), {});
    EXPECT_EQ(set.names, (std::vector<std::string>{"hat", "person"}));
    EXPECT_EQ(set.labelled, (std::vector<bool>{true, true}));
    ASSERT_EQ(set.pictures.size(), 2u);
    EXPECT_EQ(set.pictures[0].file.filename(), "b.gif");
    EXPECT_EQ(set.pictures[0].width, 200);
    EXPECT_EQ(set.pictures[0].truths[0].class_id, 0);
    EXPECT_EQ(set.pictures[0].truths[1].class_id, 1);
    EXPECT_EQ(set.pictures[1].truths[0].class_id, 1);
    EXPECT_EQ(voc_splits(folder.path()), (std::vector<std::string>{"train", "val"}));
    EXPECT_EQ(complaint([&] { read_voc(folder.path(), {.split = "test"}); }, folder.path()),
              "ImageSets/Main/test.txt: no such split");
}

TEST(Voc, ReadsEverythingWhereThereAreNoSplits) {
    const TemporaryFolder folder;
    usual_set(folder);
    std::filesystem::remove_all(folder.path() / "ImageSets");
    EXPECT_EQ(read_voc(folder.path(), {}).pictures.size(), 3u);
    EXPECT_EQ(voc_splits(folder.path()), (std::vector<std::string>{"all"}));
}

TEST(Voc, ReadsPicturesAndAnnotationsSideBySide) {
    const TemporaryFolder folder;
    folder.picture("val/a.gif", 200, 100);
    folder.write("val/a.xml", annotation(object("hat", corners(1, 1, 9, 9))));
    EXPECT_EQ(read_voc(folder.path(), {}).pictures.size(), 1u);
    EXPECT_EQ(voc_splits(folder.path()), (std::vector<std::string>{"val"}));
}

TEST(Voc, NamesWhatIsMissing) {
    const TemporaryFolder folder;
    usual_set(folder);
    const auto message = [&] {
        return complaint([&] { read_voc(folder.path(), {}); }, folder.path());
    };
    folder.write("ImageSets/Main/val.txt", "a\nnone\n");
    EXPECT_EQ(message(), "ImageSets/Main/val.txt:2: Annotations/none.xml is missing");
    folder.write("ImageSets/Main/val.txt", "a\n");
    std::filesystem::remove(folder.path() / "JPEGImages/a.gif");
    EXPECT_NE(message().find("Annotations/a.xml: its picture is not in "), std::string::npos);
    folder.write("JPEGImages/a.jpg", "text");
    EXPECT_EQ(message(), "JPEGImages/a.jpg: not a JPEG, PNG, BMP or GIF picture");
    std::filesystem::remove_all(folder.path() / "Annotations");
    EXPECT_NE(message().find("no VOC set"), std::string::npos);
}

TEST(Voc, NotesASizeThatIsNotThePictures) {
    const TemporaryFolder folder;
    usual_set(folder);
    folder.write("Annotations/a.xml",
                 annotation("", "<size><width>100</width><height>100</height></size>"));
    Problems problems;
    ReadOptions options;
    options.problems = &problems;
    EXPECT_EQ(read_voc(folder.path(), options).pictures.size(), 2u);
    ASSERT_EQ(problems.size(), 1u);
    EXPECT_EQ(problems[0].kind, "wrong size");
}

}  // namespace
}  // namespace caplamp::datasets
