// SPDX-License-Identifier: Apache-2.0
#include "training/preview.hpp"

#include <gtest/gtest.h>

#include "core/error.hpp"
#include "tests/training/painted_pictures.hpp"

namespace caplamp::training {
namespace {

Batch two_grey_pictures() {
    return {.images = torch::full({2, 3, 32, 32}, 0.5),
            .boxes = torch::tensor({4.0F, 6.0F, 20.0F, 24.0F}).view({1, 4}),
            .classes = torch::tensor({1}, torch::kInt64),
            .picture_of = torch::tensor({1}, torch::kInt64),
            .box_weight = torch::ones({1}),
            .labelled = torch::ones({2, 3, 4, 4}, torch::kBool)};
}

TEST(Preview, DrawsTheBoxInItsPicture) {
    const TemporaryFolder folder;
    const auto file = folder.path() / "batch.jpg";
    write_preview(two_grey_pictures(), file);
    const RgbPicture sheet = read_jpeg(file, {1000, 1000});
    ASSERT_EQ(sheet.width, 64);
    ASSERT_EQ(sheet.height, 32);
    const auto red = [&](int x, int y) {
        return sheet.pixels[static_cast<std::size_t>((y * 64 + x) * 3)];
    };
    EXPECT_GT(red(32 + 4, 15), 170);   // left edge, second picture
    EXPECT_GT(red(32 + 19, 15), 170);  // right edge
    EXPECT_LT(red(32 + 12, 15), 150);  // inside
    EXPECT_LT(red(4, 15), 150);        // first picture
}

TEST(Preview, SaysWhenItCannotBeWritten) {
    const TemporaryFolder folder;
    EXPECT_THROW(write_preview(two_grey_pictures(), folder.path() / "missing/batch.jpg"), Error);
}

}  // namespace
}  // namespace caplamp::training
