// SPDX-License-Identifier: Apache-2.0
#include "transport/scale_table.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

#include "tests/transport/feature_maps.hpp"

namespace caplamp::transport {
namespace {

ScaleTable table_of(const char* word) {
    const Codec codec = *parse_codec(word);
    ScaleTable table{.bits = codec.bits, .tensors = {}};
    for (const Shape& shape : {Shape{3, 8, 8}, Shape{5, 4, 4}}) {
        table.tensors.push_back(
            test::scales_of({test::rectified_map(shape, 1), test::rectified_map(shape, 2)}, codec));
    }
    return table;
}

TEST(ScaleTable, IsReadBackFromItsBytes) {
    for (const char* codec : {"q2", "q5", "q8", "q4+rans", "q1+rans"}) {
        const ScaleTable table = table_of(codec);
        EXPECT_EQ(parse_scale_table(to_bytes(table)), table) << codec;
    }
    EXPECT_NE(table_of("q4").id(), table_of("q4+rans").id());
}

TEST(ScaleTable, IsRefusedWhenCutOrTooLong) {
    std::vector<std::uint8_t> bytes = to_bytes(table_of("q4+rans"));
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        EXPECT_FALSE(parse_scale_table({bytes.data(), size})) << size;
    }
    bytes.push_back(0);
    EXPECT_FALSE(parse_scale_table(bytes));
}

TEST(ScaleTable, IsRefusedWithScalesThatDivideByNothing) {
    for (const float step : {0.0F, -1.0F, 1e-45F, std::numeric_limits<float>::infinity(),
                             std::numeric_limits<float>::quiet_NaN()}) {
        ScaleTable table = table_of("q8");
        table.tensors[0].ranges[1].step = step;
        EXPECT_FALSE(parse_scale_table(to_bytes(table))) << step;
    }
    ScaleTable table = table_of("q8");
    table.tensors[1].ranges[0].low = std::numeric_limits<float>::quiet_NaN();
    EXPECT_FALSE(parse_scale_table(to_bytes(table)));
}

TEST(ScaleTable, IsRefusedWithImpossibleStatistics) {
    ScaleTable table = table_of("q4+rans");
    table.tensors[0].entropy.tables[0].frequency[0] = 0;
    EXPECT_FALSE(parse_scale_table(to_bytes(table)));
    table = table_of("q4+rans");
    table.tensors[0].entropy.context_of[3] = contexts;
    EXPECT_FALSE(parse_scale_table(to_bytes(table)));
}

}  // namespace
}  // namespace caplamp::transport
