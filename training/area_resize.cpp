// SPDX-License-Identifier: Apache-2.0
#include "training/area_resize.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <vector>

namespace caplamp::training {
namespace {

// The source pixels begin .. begin+weights.size()-1 that one result pixel covers; weights sum to 1.
struct Coverage {
    int begin = 0;
    std::vector<float> weights;
};

std::vector<Coverage> coverage_of(int source, int result) {
    const double step = static_cast<double>(source) / result;
    std::vector<Coverage> all(static_cast<std::size_t>(result));
    for (int i = 0; i < result; ++i) {
        const double low = i * step;
        const double high = std::min((i + 1) * step, static_cast<double>(source));
        Coverage& one = all[static_cast<std::size_t>(i)];
        one.begin = std::min(static_cast<int>(low), source - 1);
        for (int pixel = one.begin; pixel < high; ++pixel) {
            const double share = std::min(high, pixel + 1.0) - std::max(low, pixel + 0.0);
            one.weights.push_back(static_cast<float>(std::max(share, 0.0) / (high - low)));
        }
    }
    return all;
}

void shrink_row(const std::uint8_t* row, const std::vector<Coverage>& columns, float* result) {
    for (const Coverage& column : columns) {
        const std::uint8_t* pixel = row + 3 * column.begin;
        float red = 0;
        float green = 0;
        float blue = 0;
        for (const float weight : column.weights) {
            red += weight * pixel[0];
            green += weight * pixel[1];
            blue += weight * pixel[2];
            pixel += 3;
        }
        *result++ = red;
        *result++ = green;
        *result++ = blue;
    }
}

}  // namespace

void area_resize(PictureView source, int height, int width, std::uint8_t* result) {
    assert(height <= source.height && width <= source.width && height > 0 && width > 0);
    const std::vector<Coverage> rows = coverage_of(source.height, height);
    const std::vector<Coverage> columns = coverage_of(source.width, width);
    std::vector<float> shrunk(static_cast<std::size_t>(width) * 3);
    std::vector<float> sum(shrunk.size());
    for (const Coverage& row : rows) {
        std::fill(sum.begin(), sum.end(), 0.5F);  // rounds when cut to whole numbers
        for (std::size_t i = 0; i < row.weights.size(); ++i) {
            const auto y = static_cast<std::ptrdiff_t>(row.begin) + static_cast<std::ptrdiff_t>(i);
            shrink_row(source.pixels + y * source.width * 3, columns, shrunk.data());
            for (std::size_t x = 0; x < sum.size(); ++x) sum[x] += row.weights[i] * shrunk[x];
        }
        for (const float value : sum)
            *result++ = static_cast<std::uint8_t>(std::min(value, 255.0F));
    }
}

}  // namespace caplamp::training
