// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/training/painted_pictures.hpp"
#include "training/augmentation.hpp"

namespace caplamp::training {
namespace {

class SharedDataSetTest : public testing::Test {
protected:
    void SetUp() override {
        const char* given = std::getenv("CAPLAMP_DATASETS");
        root = given ? given : "../shared/datasets";
        if (!std::filesystem::is_directory(root))
            GTEST_SKIP() << "the labelled pictures are not at " << root
                         << "; CAPLAMP_DATASETS names their folder";
    }
    std::filesystem::path yaml(const std::string& set) const { return root / set / "data.yaml"; }

    std::filesystem::path root;
};

TEST_F(SharedDataSetTest, ReadsEverySetWhole) {
    const auto train = [&](const std::string& set) {
        return read_data_set(yaml(set), three_classes());
    };
    EXPECT_EQ(train("hard-hat-workers").samples.size(), 4763U);
    EXPECT_EQ(train("hard-hat-workers").labelled, (std::vector<bool>{true, true, false}));
    EXPECT_EQ(train("rf100-construction-safety").samples.size(), 978U);
    EXPECT_EQ(train("espec-hard-hat").samples.size(), 461U);
    EXPECT_EQ(train("person-mixed").labelled, (std::vector<bool>{false, false, true}));
}

TEST_F(SharedDataSetTest, TakesThePersonLabelsOfTheValidationPictures) {
    const DataSet set = read_data_set(yaml("hard-hat-workers"), three_classes(),
                                      {.split = "val",
                                       .labels = root / "hard-hat-workers/labels_3class/valid",
                                       .only_labelled_pictures = true});
    EXPECT_EQ(set.samples.size(), 452U);
}

TEST_F(SharedDataSetTest, MakesBatchesOfRealPictures) {
    std::vector<DataSet> sets{read_data_set(yaml("espec-hard-hat"), three_classes())};
    sets[0].samples.resize(12);
    const PictureCache cache(pictures_of(sets), {.longest_side = 160});
    AugmentationConfig config;
    config.size = 128;
    const Batch batch = BatchSource(sets, cache, config, torch::kCPU).training_batch(0, 4, true);
    EXPECT_GT(batch.boxes.size(0), 0);
    EXPECT_TRUE(batch.images.std().item<float>() > 0.05F);
}

}  // namespace
}  // namespace caplamp::training
