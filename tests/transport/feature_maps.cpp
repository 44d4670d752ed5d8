// SPDX-License-Identifier: Apache-2.0
#include "tests/transport/feature_maps.hpp"

#include <algorithm>
#include <cmath>
#include <random>

#include "transport/calibration.hpp"

namespace caplamp::test {

Tensor rectified_map(Shape shape, unsigned seed) {
    std::mt19937 engine(seed);
    std::uniform_real_distribution<float> between(0.2F, 1.0F);
    std::normal_distribution<float> noise(0, 0.1F);
    Tensor tensor(shape);
    for (int c = 0; c < shape.channels; ++c) {
        const float across = between(engine);
        const float down = between(engine);
        const float size = 3 * between(engine);
        for (int y = 0; y < shape.height; ++y) {
            for (int x = 0; x < shape.width; ++x) {
                const float wave = std::sin(across * static_cast<float>(x)) *
                                   std::sin(down * static_cast<float>(y));
                tensor.view().at(c, y, x) = std::max(0.0F, size * (wave - 0.3F + noise(engine)));
            }
        }
    }
    return tensor;
}

Tensor random_map(Shape shape, unsigned seed) {
    std::mt19937 engine(seed);
    std::normal_distribution<float> normal(0.3F, 2.0F);
    Tensor tensor(shape);
    for (float& value : tensor.data()) value = normal(engine);
    return tensor;
}

transport::TensorScales scales_of(const std::vector<Tensor>& maps, const transport::Codec& codec) {
    transport::RangeCalibrator ranges(maps.front().shape().channels);
    for (const Tensor& map : maps) ranges.add(map.view());
    if (codec.stage != transport::Stage::rans) {
        return {.ranges = ranges.ranges(codec.needs_scales() ? codec.bits : 8)};
    }
    transport::CodeCalibrator codes(ranges.ranges_for_entropy(codec.bits));
    for (const Tensor& map : maps) codes.add(map.view());
    return codes.scales();
}

}  // namespace caplamp::test
