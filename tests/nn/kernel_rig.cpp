// SPDX-License-Identifier: Apache-2.0
#include "tests/nn/kernel_rig.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "nn/kernels/reference.hpp"

namespace caplamp::nn {

Floats random_floats(std::size_t count, unsigned seed) {
    std::mt19937 engine(seed);
    std::uniform_real_distribution<float> between(-1, 1);
    Floats values(count);
    for (float& value : values) value = between(engine);
    return values;
}

Floats run(Kernel& kernel, const std::vector<Floats>& inputs, Floats output) {
    std::vector<const float*> addresses;
    for (const Floats& input : inputs) addresses.push_back(input.data());
    std::vector<std::byte, CacheAlignedAllocator<std::byte>> scratch(kernel.scratch_bytes());
    kernel.bind({addresses, output.data(), scratch.data()});
    kernel.run();
    return output;
}

Floats nothing(Shape shape, Layout layout) {
    return Floats(floats_of(shape, layout), std::numeric_limits<float>::quiet_NaN());
}

Floats reordered(const Floats& values, Shape shape, Layout from, Layout to) {
    const auto kernel = reference::make_reorder({shape, from, to, 1});
    return run(*kernel, {values}, nothing(shape, to));
}

testing::AssertionResult equals(const Floats& result, Shape shape, Layout layout,
                                const Floats& plain, float tolerance) {
    const Floats expected = reordered(plain, shape, Layout::plain, layout);
    // Relative to the largest number: a sum's rounding follows its terms, not its value.
    float magnitude = 1.0F;
    for (const float x : expected) magnitude = std::max(magnitude, std::abs(x));
    const float allowed = tolerance * magnitude;
    for (std::size_t i = 0; i < expected.size(); ++i) {
        if (!(std::abs(result[i] - expected[i]) <= allowed)) {
            return testing::AssertionFailure()
                   << "at " << i << ": " << result[i] << " instead of " << expected[i];
        }
    }
    return testing::AssertionSuccess();
}

}  // namespace caplamp::nn
