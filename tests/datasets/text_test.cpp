// SPDX-License-Identifier: Apache-2.0
#include "datasets/text.hpp"

#include <gtest/gtest.h>

#include "small_sets.hpp"

namespace caplamp::datasets {
namespace {

TEST(Text, TakesOnlyWholeFiniteNumbers) {
    EXPECT_EQ(number_in("0.5"), 0.5);
    EXPECT_EQ(number_in("-1e-3"), -0.001);
    for (const char* word : {"", "nan", "inf", "-inf", "1e999", "3px", "0x10", "1 ", "+1", "1,5"})
        EXPECT_EQ(number_in(word), std::nullopt) << word;
}

TEST(Text, SplitsLinesAndWords) {
    EXPECT_EQ(lines_of("a\n\nb"), (std::vector<std::string_view>{"a", "", "b"}));
    EXPECT_EQ(lines_of("a\n"), (std::vector<std::string_view>{"a"}));
    EXPECT_TRUE(lines_of("").empty());
    EXPECT_EQ(words_of(" a\tbc \r"), (std::vector<std::string_view>{"a", "bc"}));
    EXPECT_TRUE(words_of(" \r").empty());
}

TEST(Text, CountsLinesFromOne) {
    EXPECT_EQ(line_of("a\nb\nc", 0), 1u);
    EXPECT_EQ(line_of("a\nb\nc", 4), 3u);
    EXPECT_EQ(line_of("a\nb", 99), 2u);
}

TEST(Text, RefusesAFileThatIsTooLarge) {
    const TemporaryFolder folder;
    const auto file = folder.write("a.txt", "12345");
    EXPECT_EQ(read_text(file, 5), "12345");
    EXPECT_THROW(read_text(file, 4), Error);
    EXPECT_THROW(read_text(folder.path(), 4), Error);
}

}  // namespace
}  // namespace caplamp::datasets
