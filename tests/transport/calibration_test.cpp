// SPDX-License-Identifier: Apache-2.0
#include "transport/calibration.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "core/error.hpp"
#include "tests/transport/feature_maps.hpp"

namespace caplamp::transport {
namespace {

Tensor constant_map(Shape shape, float value) {
    Tensor tensor(shape);
    std::ranges::fill(tensor.data(), value);
    return tensor;
}

TEST(Calibration, ClipsARareGiantInsteadOfLosingTheRest) {
    std::vector<Tensor> frames(5, test::rectified_map({1, 100, 100}, 1));
    for (const char* word : {"q8", "q4", "q4+rans", "q1+rans"}) {
        const Codec codec = *parse_codec(word);
        const float calm = test::scales_of(frames, codec).ranges[0].step;
        frames.push_back(constant_map({1, 1, 1}, 30));
        EXPECT_LT(test::scales_of(frames, codec).ranges[0].step, 2 * calm) << word;
        frames.pop_back();
    }
}

TEST(Calibration, TakesAChannelThatNeverChanges) {
    for (const char* word : {"q8", "q4+rans"}) {
        const Codec codec = *parse_codec(word);
        for (const float constant : {0.0F, 5.0F, -1e6F}) {
            const ScaleTable table{
                .bits = codec.bits,
                .tensors = {test::scales_of({constant_map({2, 3, 3}, constant)}, codec)}};
            EXPECT_TRUE(parse_scale_table(to_bytes(table))) << word << ' ' << constant;
        }
    }
}

TEST(Calibration, GivesAWeakChannelFewerOfTheEntropyCodesThanAStrongOne) {
    Tensor map = test::rectified_map({2, 40, 40}, 1);
    for (float& value : map.view().channel(0)) value *= 4;
    const TensorScales scales = test::scales_of({map}, *parse_codec("q2+rans"));
    EXPECT_EQ(scales.ranges[0].step, scales.ranges[1].step);
    const TensorScales fewer = test::scales_of({map}, *parse_codec("q1+rans"));
    EXPECT_GT(fewer.ranges[0].step, scales.ranges[0].step);
}

TEST(Calibration, ComplainsAboutNothingAndAboutNumbersThatAreNone) {
    RangeCalibrator calibrator(1);
    EXPECT_THROW(calibrator.ranges(8), Error);
    const Tensor broken = constant_map({1, 1, 1}, std::numeric_limits<float>::quiet_NaN());
    EXPECT_THROW(calibrator.add(broken.view()), Error);
    CodeCalibrator codes({{0, 1}});
    EXPECT_THROW(codes.add(broken.view()), Error);
}

}  // namespace
}  // namespace caplamp::transport
