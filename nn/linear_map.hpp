// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "nn/graph.hpp"

namespace caplamp::nn {

/// A convolution with bias, in double: what a chain of linear operations amounts to. The functions
/// below are the exact transforms of re-parameterisation, numbered as in Diverse Branch Block
/// (Ding et al. 2021); shapes that do not fit throw Error.
struct LinearMap {
    ConvGeometry geometry;        // its `bias` is always true
    std::vector<double> weights;  // [outputs, inputs / groups, kernel, kernel]
    std::vector<double> bias;     // [outputs]
};

struct BatchNorm {
    std::span<const float> weight;
    std::span<const float> bias;
    std::span<const float> mean;
    std::span<const float> variance;
    double epsilon = 0;
};

/// `bias` may be empty.
LinearMap conv_map(const ConvGeometry& geometry, std::span<const float> weights,
                   std::span<const float> bias);

/// Every channel to itself: a 1x1 kernel with one group a channel.
LinearMap identity_map(int channels);

/// I: the map, then the batch norm.
LinearMap fold(LinearMap map, const BatchNorm& norm);

/// II: maps of the same input, added; kernels grow (VI) and groups open up as far as needed.
LinearMap sum(const std::vector<LinearMap>& maps);

/// III: one map, then another. Exact everywhere only if composes_exactly(); else where the second
/// one's window lies inside the first one's result.
LinearMap compose(const LinearMap& first, const LinearMap& second);

/// IV: maps of the same input, stacked along the output channels.
LinearMap concat(const std::vector<LinearMap>& maps);

/// V: the average over a window, zeros of the padding counted in.
LinearMap average_pool_map(int channels, int kernel, int stride, int padding);

/// VI: zeros around the kernel; `kernel` is larger by an even number.
LinearMap grow(const LinearMap& map, int kernel);

/// Zeros between the taps, as a dilated convolution has them; the padding stays.
LinearMap dilate(const LinearMap& map, int rate);

/// Fewer, larger groups, block-diagonal; `groups` divides the map's.
LinearMap regroup(const LinearMap& map, int groups);

/// What the maps' sum needs: the largest kernel, the common divisor of the groups. Throws Error
/// where strides, channels or the alignment of the kernels' centres differ.
ConvGeometry sum_geometry(const std::vector<ConvGeometry>& maps);
ConvGeometry composed_geometry(const ConvGeometry& first, const ConvGeometry& second);

/// Padding of the second convolution stands between the two: zeros there are what the composed
/// kernel sees only if the first is 1x1 and has no bias. (With one, the padding would have to hold
/// the bias.) Without such padding composing is always exact.
bool composes_exactly(const ConvGeometry& first, const ConvGeometry& second);

/// True when their sum is one convolution.
bool can_be_summed(const std::vector<ConvGeometry>& maps);

}  // namespace caplamp::nn
