// SPDX-License-Identifier: Apache-2.0
#include "transport/scale_table.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <vector>

#include "core/error.hpp"
#include "tests/transport/feature_maps.hpp"

namespace caplamp::transport {
namespace {

TensorScales scales_of(const std::vector<Tensor>& frames, int bits) {
    ScaleCalibrator calibrator(frames.front().shape().channels);
    for (const Tensor& frame : frames) calibrator.add_for_ranges(frame.view());
    calibrator.choose_ranges(bits);
    for (const Tensor& frame : frames) calibrator.add_for_codes(frame.view());
    return calibrator.scales();
}

ScaleTable table_of(int bits) {
    ScaleTable table{.bits = bits, .tensors = {}};
    for (const Shape& shape : {Shape{3, 8, 8}, Shape{5, 4, 4}}) {
        table.tensors.push_back(
            scales_of({test::rectified_map(shape, 1), test::rectified_map(shape, 2)}, bits));
    }
    return table;
}

Tensor constant_map(Shape shape, float value) {
    Tensor tensor(shape);
    std::ranges::fill(tensor.data(), value);
    return tensor;
}

TEST(ScaleTable, IsReadBackFromItsBytes) {
    for (const int bits : {2, 4, 5, 8}) {
        const ScaleTable table = table_of(bits);
        EXPECT_EQ(parse_scale_table(to_bytes(table)), table) << bits;
    }
    EXPECT_NE(table_of(2).id(), table_of(3).id());
}

TEST(ScaleTable, IsRefusedWhenCutOrTooLong) {
    std::vector<std::uint8_t> bytes = to_bytes(table_of(4));
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        EXPECT_FALSE(parse_scale_table({bytes.data(), size})) << size;
    }
    bytes.push_back(0);
    EXPECT_FALSE(parse_scale_table(bytes));
}

TEST(ScaleTable, IsRefusedWithScalesThatDivideByNothing) {
    for (const float step : {0.0F, -1.0F, 1e-45F, std::numeric_limits<float>::infinity(),
                             std::numeric_limits<float>::quiet_NaN()}) {
        ScaleTable table = table_of(8);
        table.tensors[0].ranges[1].step = step;
        EXPECT_FALSE(parse_scale_table(to_bytes(table))) << step;
    }
    ScaleTable table = table_of(8);
    table.tensors[1].ranges[0].low = std::numeric_limits<float>::quiet_NaN();
    EXPECT_FALSE(parse_scale_table(to_bytes(table)));
}

TEST(ScaleTable, IsRefusedWithImpossibleStatistics) {
    ScaleTable table = table_of(4);
    table.tensors[0].entropy.tables[0].frequency[0] = 0;
    EXPECT_FALSE(parse_scale_table(to_bytes(table)));
    table = table_of(4);
    table.tensors[0].entropy.context_of[3] = contexts;
    EXPECT_FALSE(parse_scale_table(to_bytes(table)));
}

TEST(ScaleCalibrator, ClipsARareGiantInsteadOfLosingTheRest) {
    std::vector<Tensor> frames(5, test::rectified_map({1, 100, 100}, 1));
    const float calm = scales_of(frames, 4).ranges[0].step;
    frames.push_back(constant_map({1, 1, 1}, 30));
    EXPECT_LT(scales_of(frames, 4).ranges[0].step, 2 * calm);
}

TEST(ScaleCalibrator, TakesAChannelThatNeverChanges) {
    for (const float constant : {0.0F, 5.0F, -1e6F}) {
        const ScaleTable table{.bits = 8,
                               .tensors = {scales_of({constant_map({2, 3, 3}, constant)}, 8)}};
        EXPECT_TRUE(parse_scale_table(to_bytes(table))) << constant;
    }
}

TEST(ScaleCalibrator, ComplainsAboutNothingAndAboutNumbersThatAreNone) {
    ScaleCalibrator calibrator(1);
    EXPECT_THROW(calibrator.choose_ranges(8), Error);
    const Tensor broken = constant_map({1, 1, 1}, std::numeric_limits<float>::quiet_NaN());
    EXPECT_THROW(calibrator.add_for_ranges(broken.view()), Error);
}

}  // namespace
}  // namespace caplamp::transport
