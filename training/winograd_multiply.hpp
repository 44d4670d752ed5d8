// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "training/winograd_transforms.hpp"

namespace caplamp::training::winograd {

/// c [rows][16] (+)= a * b, where b is a panel [depth][16]. Element (row, k) of a lies at
/// row * row_step + k * depth_step.
struct Operands {
    const float* a;
    long row_step;
    long depth_step;
    const float* b;
    long depth;
    float* c;
    long c_step;
    bool accumulate;
};

/// Up to 6 rows: 12 sums, which with two of b and one of a fill the 16 registers. Without the
/// pragmas gcc 12 stores every sum in every round and halves the speed.
template <int rows>
inline void multiply(const Operands& o) {
    Vector left[rows];
    Vector right[rows];
#pragma GCC unroll 6
    for (int r = 0; r < rows; ++r) {
        left[r] = o.accumulate ? load(o.c + r * o.c_step) : _mm256_setzero_ps();
        right[r] = o.accumulate ? load(o.c + r * o.c_step + 8) : _mm256_setzero_ps();
    }
    const float* a = o.a;
    const float* b = o.b;
    for (long k = 0; k < o.depth; ++k) {
        const Vector b_left = load(b);
        const Vector b_right = load(b + 8);
#pragma GCC unroll 6
        for (int r = 0; r < rows; ++r) {
            const Vector factor = _mm256_broadcast_ss(a + r * o.row_step);
            left[r] = _mm256_fmadd_ps(factor, b_left, left[r]);
            right[r] = _mm256_fmadd_ps(factor, b_right, right[r]);
        }
        a += o.depth_step;
        b += panel;
    }
#pragma GCC unroll 6
    for (int r = 0; r < rows; ++r) {
        store(o.c + r * o.c_step, left[r]);
        store(o.c + r * o.c_step + 8, right[r]);
    }
}

inline void multiply_rows(Operands o, long rows) {
    for (; rows >= 6; rows -= 6) {
        multiply<6>(o);
        o.a += 6 * o.row_step;
        o.c += 6 * o.c_step;
    }
    if (rows == 5) multiply<5>(o);
    if (rows == 4) multiply<4>(o);
    if (rows == 3) multiply<3>(o);
    if (rows == 2) multiply<2>(o);
    if (rows == 1) multiply<1>(o);
}

}  // namespace caplamp::training::winograd
