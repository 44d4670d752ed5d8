// SPDX-License-Identifier: Apache-2.0
#include "transport/scale_set.hpp"

#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "tests/transport/feature_maps.hpp"

namespace caplamp::transport {
namespace {

ScaleSet small_set() {
    ScaleSet set{.model = "tiny-1f3a", .scales = {}};
    unsigned seed = 1;
    for (const std::uint32_t value : {3U, 7U}) {
        for (const char* word : {"q8", "q4", "q4+rans"}) {
            const Codec codec = *parse_codec(word);
            set.scales[{value, codec.bits, codec.stage == Stage::rans}] =
                test::scales_of({test::rectified_map({3, 8, 8}, ++seed)}, codec);
        }
    }
    return set;
}

TEST(ScaleSet, IsReadBackFromItsBytes) {
    const ScaleSet set = small_set();
    EXPECT_EQ(parse_scale_set(to_bytes(set)), set);
}

TEST(ScaleSet, GivesTheTableOfACut) {
    const ScaleSet set = small_set();
    const Codec codec = *parse_codec("q4+rans");
    const auto table = set.table(std::array{3, 7}, codec);
    ASSERT_TRUE(table);
    EXPECT_EQ(table->bits, 4);
    EXPECT_EQ(table->tensors,
              (std::vector{set.scales.at({3, 4, true}), set.scales.at({7, 4, true})}));
    EXPECT_TRUE(set.table(std::array{3, 7}, *parse_codec("q8+zstd")));
    EXPECT_FALSE(set.table(std::array{3, 8}, codec));
    EXPECT_FALSE(set.table(std::array{3, 7}, *parse_codec("q2")));
}

TEST(ScaleSet, NoticesDamageAtEveryByte) {
    const std::vector<std::uint8_t> whole = to_bytes(small_set());
    for (std::size_t i = 0; i < whole.size(); ++i) {
        std::vector<std::uint8_t> damaged = whole;
        damaged[i] ^= 1;
        EXPECT_FALSE(parse_scale_set(damaged)) << i;
        EXPECT_FALSE(parse_scale_set({whole.data(), i})) << i;
    }
}

}  // namespace
}  // namespace caplamp::transport
