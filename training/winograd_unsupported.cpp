// SPDX-License-Identifier: Apache-2.0
#include "training/winograd_avx2.hpp"

// For processors other than x86-64: nobody calls these, since supported() says no.
namespace caplamp::training::winograd {

bool supported() { return false; }
std::size_t weight_floats(int, int) { return 0; }
void transform_weights(const float*, int, int, float*) {}
void transform_weights_turned(const float*, int, int, float*) {}
void collect_weight_gradient(const float*, int, int, float*) {}
std::size_t scratch_floats(const Geometry&) { return 0; }
void convolve(const Geometry&, const float*, const float*, float*, float*) {}
void weight_gradient(const Geometry&, const float*, const float*, float*, float*, float*) {}

}  // namespace caplamp::training::winograd
