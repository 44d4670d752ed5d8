// SPDX-License-Identifier: Apache-2.0
#include "datasets/labelled_set.hpp"

#include "small_sets.hpp"

namespace caplamp::datasets {
namespace {

LabelledSet set_of(std::vector<std::string> names, std::vector<bool> labelled, int class_id) {
    LabelledSet set;
    set.source = "set";
    set.names = std::move(names);
    set.labelled = std::move(labelled);
    LabelledPicture picture;
    picture.truths = {{.class_id = class_id, .box = {0, 0, 1, 1}}};
    set.pictures = {picture};
    return set;
}

const std::vector<std::string> model_names{"helmet", "head", "person"};

TEST(WithNames, CountsIntoTheOtherNamesAndMasksTheRest) {
    const LabelledSet set = with_names(set_of({"person", "helmet"}, {true, true}, 0), model_names);
    EXPECT_EQ(set.names, model_names);
    EXPECT_EQ(set.labelled, (std::vector<bool>{true, false, true}));
    EXPECT_EQ(set.pictures[0].truths[0].class_id, 2);
}

TEST(WithNames, RefusesAMarkedClassThatHasNoName) {
    EXPECT_EQ(complaint(
                  [] {
                      with_names(set_of({"helmet", "hat"}, {true, true}, 1), model_names);
                  },
                  "."),
              "set: marks the class 'hat', which is none of helmet, head, person: say in a class "
              "map what it is, or ignore");
    // A class that is named and never marked does no harm.
    EXPECT_EQ(with_names(set_of({"helmet", "hat"}, {true, true}, 0), model_names).labelled,
              (std::vector<bool>{true, false, false}));
}

}  // namespace
}  // namespace caplamp::datasets
