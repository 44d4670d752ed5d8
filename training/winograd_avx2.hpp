// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace caplamp::training::winograd {

/// Sizes of a 3x3 convolution, stride 1, padded by 1, on maps with the channels last. Inputs must
/// be a multiple of 8 and outputs of 16 for every function that takes them.
struct Geometry {
    int pictures = 0;
    int height = 0;
    int width = 0;
    int inputs = 0;
    int outputs = 0;
};

/// Whether this program and this CPU have AVX2 and FMA. The functions below need them.
bool supported();

/// Floats of a transformed weight, 36 times [outputs / 16][inputs][16].
std::size_t weight_floats(int inputs, int outputs);

/// U = G g G' of weights [outputs][3][3][inputs] (Lavin & Gray 2016, F(4x4, 3x3)).
void transform_weights(const float* weights, int inputs, int outputs, float* transformed);

/// The same for the gradient of the input: taps turned by half, inputs and outputs exchanged. The
/// result is a transformed weight from `outputs` to `inputs` channels (a multiple of 16 then).
void transform_weights_turned(const float* weights, int inputs, int outputs, float* transformed);

/// gradient [outputs][3][3][inputs] = G' U G of summed products that lie like a transformed weight.
void collect_weight_gradient(const float* sums, int inputs, int outputs, float* gradient);

/// Floats of scratch memory that `convolve` and `weight_gradient` need.
std::size_t scratch_floats(const Geometry& geometry);

/// result [pictures][height][width][outputs] from pictures [..][inputs] and transformed weights.
void convolve(const Geometry& geometry, const float* pictures, const float* transformed,
              float* scratch, float* result);

/// gradient [outputs][3][3][inputs] (overwritten) of the weights, from the input of the
/// convolution and the gradient of its result. `sums` holds weight_floats(inputs, outputs).
void weight_gradient(const Geometry& geometry, const float* pictures, const float* result_gradient,
                     float* scratch, float* sums, float* gradient);

}  // namespace caplamp::training::winograd
