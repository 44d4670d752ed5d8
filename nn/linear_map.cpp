// SPDX-License-Identifier: Apache-2.0
#include "nn/linear_map.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/error.hpp"

namespace caplamp::nn {
namespace {

std::size_t at(int index) { return static_cast<std::size_t>(index); }

int inputs_per_group(const ConvGeometry& g) { return g.inputs / g.groups; }

std::size_t weight_count(const ConvGeometry& g) {
    return at(g.outputs) * at(inputs_per_group(g)) * at(g.kernel) * at(g.kernel);
}

/// Where the tap (y, x) of an output and an input within its group stands.
std::size_t tap(const ConvGeometry& g, int output, int input, int y, int x) {
    return ((at(output) * at(inputs_per_group(g)) + at(input)) * at(g.kernel) + at(y)) *
               at(g.kernel) +
           at(x);
}

LinearMap zeros(ConvGeometry geometry) {
    geometry.bias = true;
    return {geometry, std::vector<double>(weight_count(geometry)),
            std::vector<double>(at(geometry.outputs))};
}

/// Calls visit(output, input within the group, y, x) for every tap.
template <class Visit>
void for_each_tap(const ConvGeometry& g, Visit visit) {
    for (int o = 0; o < g.outputs; ++o) {
        for (int c = 0; c < inputs_per_group(g); ++c) {
            for (int y = 0; y < g.kernel; ++y) {
                for (int x = 0; x < g.kernel; ++x) visit(o, c, y, x);
            }
        }
    }
}

void require(bool fits, const char* why) {
    if (!fits) throw Error(std::string("re-parameterisation: ") + why);
}

bool divides(int divisor, int number) { return divisor > 0 && number % divisor == 0; }

/// The centre of the kernel lies at this many half pixels from the window's start.
int alignment(const ConvGeometry& g) { return 2 * g.padding - g.kernel; }

}  // namespace

LinearMap conv_map(const ConvGeometry& geometry, std::span<const float> weights,
                   std::span<const float> bias) {
    require(weights.size() == weight_count(geometry), "weights do not fit the convolution");
    require(bias.empty() || bias.size() == at(geometry.outputs), "a bias does not fit");
    LinearMap map = zeros(geometry);
    std::ranges::copy(weights, map.weights.begin());
    std::ranges::copy(bias, map.bias.begin());
    return map;
}

LinearMap identity_map(int channels) {
    LinearMap map = zeros({.inputs = channels, .outputs = channels, .groups = channels});
    std::ranges::fill(map.weights, 1.0);
    return map;
}

// W' = W g / sqrt(var + eps), b' = beta + (b - mean) g / sqrt(var + eps)
LinearMap fold(LinearMap map, const BatchNorm& norm) {
    const std::size_t outputs = map.bias.size();
    require(norm.weight.size() == outputs && norm.bias.size() == outputs &&
                norm.mean.size() == outputs && norm.variance.size() == outputs,
            "a batch norm has other channels than its convolution");
    const std::size_t taps = map.weights.size() / outputs;
    for (std::size_t o = 0; o < outputs; ++o) {
        const double scale = norm.weight[o] / std::sqrt(norm.variance[o] + norm.epsilon);
        for (std::size_t i = 0; i < taps; ++i) map.weights[o * taps + i] *= scale;
        map.bias[o] = norm.bias[o] + (map.bias[o] - norm.mean[o]) * scale;
    }
    return map;
}

bool can_be_summed(const std::vector<ConvGeometry>& maps) {
    return std::ranges::all_of(maps, [&](const ConvGeometry& g) {
        const ConvGeometry& first = maps.front();
        return g.inputs == first.inputs && g.outputs == first.outputs && g.stride == first.stride &&
               alignment(g) == alignment(first);
    });
}

ConvGeometry sum_geometry(const std::vector<ConvGeometry>& maps) {
    require(!maps.empty(), "there is nothing to add");
    require(can_be_summed(maps), "convolutions of other shapes cannot be added");
    ConvGeometry result = *std::ranges::max_element(maps, {}, &ConvGeometry::kernel);
    for (const ConvGeometry& g : maps) result.groups = std::gcd(result.groups, g.groups);
    result.bias = true;
    return result;
}

LinearMap sum(const std::vector<LinearMap>& maps) {
    std::vector<ConvGeometry> geometries(maps.size());
    std::ranges::transform(maps, geometries.begin(), &LinearMap::geometry);
    LinearMap result = zeros(sum_geometry(geometries));
    for (const LinearMap& map : maps) {
        const LinearMap same = grow(regroup(map, result.geometry.groups), result.geometry.kernel);
        for (std::size_t i = 0; i < same.weights.size(); ++i) result.weights[i] += same.weights[i];
        for (std::size_t i = 0; i < same.bias.size(); ++i) result.bias[i] += same.bias[i];
    }
    return result;
}

bool composes_exactly(const ConvGeometry& first, const ConvGeometry& second) {
    if (second.padding == 0) return true;
    return first.kernel == 1 && first.padding == 0 && !first.bias;
}

ConvGeometry composed_geometry(const ConvGeometry& first, const ConvGeometry& second) {
    require(first.outputs == second.inputs, "convolutions do not follow each other");
    return {.inputs = first.inputs,
            .outputs = second.outputs,
            .kernel = (second.kernel - 1) * first.stride + first.kernel,
            .stride = first.stride * second.stride,
            .padding = first.padding + first.stride * second.padding,
            .groups = std::gcd(first.groups, second.groups),
            .bias = true};
}

// W[o, c] = sum over m of W2[o, m] * W1[m, c], b = sum of W2 b1 + b2
LinearMap compose(const LinearMap& first, const LinearMap& second) {
    LinearMap result = zeros(composed_geometry(first.geometry, second.geometry));
    const LinearMap one = regroup(first, result.geometry.groups);
    const LinearMap two = regroup(second, result.geometry.groups);
    const int middle_per_group = inputs_per_group(two.geometry);
    const int outputs_per_group = two.geometry.outputs / two.geometry.groups;
    const int inputs = inputs_per_group(one.geometry);
    result.bias = two.bias;
    for_each_tap(two.geometry, [&](int o, int m, int y2, int x2) {
        const double weight = two.weights[tap(two.geometry, o, m, y2, x2)];
        const int middle = o / outputs_per_group * middle_per_group + m;
        result.bias[at(o)] += weight * one.bias[at(middle)];
        for (int c = 0; c < inputs; ++c) {
            for (int y1 = 0; y1 < one.geometry.kernel; ++y1) {
                for (int x1 = 0; x1 < one.geometry.kernel; ++x1) {
                    const int y = y2 * one.geometry.stride + y1;
                    const int x = x2 * one.geometry.stride + x1;
                    result.weights[tap(result.geometry, o, c, y, x)] +=
                        weight * one.weights[tap(one.geometry, middle, c, y1, x1)];
                }
            }
        }
    });
    return result;
}

LinearMap concat(const std::vector<LinearMap>& maps) {
    std::vector<ConvGeometry> geometries;
    int outputs = 0;
    for (const LinearMap& map : maps) {
        geometries.push_back(map.geometry);
        outputs += map.geometry.outputs;
        geometries.back().outputs = 0;  // the only side that may differ
    }
    ConvGeometry geometry = sum_geometry(geometries);
    geometry.outputs = outputs;
    geometry.groups = 1;  // groups of stacked outputs would not be contiguous
    LinearMap result = zeros(geometry);
    auto weights = result.weights.begin();
    auto bias = result.bias.begin();
    for (const LinearMap& map : maps) {
        const LinearMap dense = grow(regroup(map, 1), geometry.kernel);
        weights = std::ranges::copy(dense.weights, weights).out;
        bias = std::ranges::copy(dense.bias, bias).out;
    }
    return result;
}

LinearMap average_pool_map(int channels, int kernel, int stride, int padding) {
    LinearMap map = zeros({.inputs = channels,
                           .outputs = channels,
                           .kernel = kernel,
                           .stride = stride,
                           .padding = padding,
                           .groups = channels});
    std::ranges::fill(map.weights, 1.0 / (kernel * kernel));
    return map;
}

LinearMap grow(const LinearMap& map, int kernel) {
    const int margin = (kernel - map.geometry.kernel) / 2;
    require(margin >= 0 && map.geometry.kernel + 2 * margin == kernel,
            "a kernel can grow by an even number only");
    ConvGeometry geometry = map.geometry;
    geometry.kernel = kernel;
    geometry.padding += margin;
    LinearMap result = zeros(geometry);
    result.bias = map.bias;
    for_each_tap(map.geometry, [&](int o, int c, int y, int x) {
        result.weights[tap(geometry, o, c, y + margin, x + margin)] =
            map.weights[tap(map.geometry, o, c, y, x)];
    });
    return result;
}

LinearMap dilate(const LinearMap& map, int rate) {
    require(rate >= 1, "a dilation is 1 or more");
    ConvGeometry geometry = map.geometry;
    geometry.kernel = rate * (map.geometry.kernel - 1) + 1;
    LinearMap result = zeros(geometry);
    result.bias = map.bias;
    for_each_tap(map.geometry, [&](int o, int c, int y, int x) {
        result.weights[tap(geometry, o, c, rate * y, rate * x)] =
            map.weights[tap(map.geometry, o, c, y, x)];
    });
    return result;
}

LinearMap regroup(const LinearMap& map, int groups) {
    require(divides(groups, map.geometry.groups), "groups can only be joined");
    ConvGeometry geometry = map.geometry;
    geometry.groups = groups;
    LinearMap result = zeros(geometry);
    result.bias = map.bias;
    const int outputs_before = geometry.outputs / map.geometry.groups;
    for_each_tap(map.geometry, [&](int o, int c, int y, int x) {
        const int input = o / outputs_before * inputs_per_group(map.geometry) + c;
        result.weights[tap(geometry, o, input % inputs_per_group(geometry), y, x)] =
            map.weights[tap(map.geometry, o, c, y, x)];
    });
    return result;
}

}  // namespace caplamp::nn
