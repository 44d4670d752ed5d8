// SPDX-License-Identifier: Apache-2.0
#include "datasets/class_map.hpp"

#include "small_sets.hpp"

namespace caplamp::datasets {
namespace {

LabelledSet their_set() {
    LabelledSet set;
    set.source = "data.yaml";
    set.names = {"hat", "vest", "red hat", "person"};
    set.labelled = {true, true, false, true};
    LabelledPicture picture;
    for (int id = 0; id < 4; ++id) picture.truths.push_back({.class_id = id, .box = {0, 0, 1, 1}});
    set.pictures = {picture};
    set.class_of_category = {{10, 0}, {20, 1}, {30, 3}};
    return set;
}

TEST(ClassMap, RenamesMergesAndForgets) {
    const TemporaryFolder folder;
    const auto file = folder.write("map.yaml",
                                   "person: head\nhat: helmet\nred hat: helmet\nvest: ignore\n"
                                   "unheard of: cart\n");
    const LabelledSet set = ClassMap::load(file).apply(their_set());
    EXPECT_EQ(set.names, (std::vector<std::string>{"head", "helmet", "cart"}));
    // Not every helmet is marked when red ones are not; carts are never.
    EXPECT_EQ(set.labelled, (std::vector<bool>{true, false, false}));
    std::vector<int> ids;
    for (const Truth& truth : set.pictures[0].truths) ids.push_back(truth.class_id);
    EXPECT_EQ(ids, (std::vector<int>{1, 1, 0}));
    EXPECT_EQ(set.class_of_category, (std::map<std::int64_t, int>{{10, 1}, {30, 0}}));
}

TEST(ClassMap, NamesWhatIsWrong) {
    const TemporaryFolder folder;
    const auto load = [&](const std::string& yaml) {
        const auto file = folder.write("map.yaml", yaml);
        return complaint([&] { ClassMap::load(file).apply(their_set()); }, folder.path());
    };
    EXPECT_EQ(load("hat: helmet\n"), "map.yaml: says nothing about the class 'vest' of data.yaml");
    EXPECT_EQ(load("hat: [a]\n"), "map.yaml:1: hat: must be a word or a text");
    EXPECT_EQ(load("hat:\n"), "map.yaml:1: hat: is missing");
    EXPECT_EQ(load("- hat\n"), "map.yaml:1: must be a map of settings");
    EXPECT_THROW(ClassMap::load(folder.path() / "none.yaml"), Error);
}

}  // namespace
}  // namespace caplamp::datasets
