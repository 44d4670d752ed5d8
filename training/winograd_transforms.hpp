// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <immintrin.h>

// For the files that are compiled for AVX2 and FMA, and for them alone.
namespace caplamp::training::winograd {

inline constexpr int positions = 36;  // of a transformed 6x6 tile
inline constexpr int panel = 16;      // output channels that a micro-kernel computes at once

using Vector = __m256;

inline Vector load(const float* from) { return _mm256_loadu_ps(from); }
inline void store(float* to, Vector value) { _mm256_storeu_ps(to, value); }
inline Vector all(float value) { return _mm256_set1_ps(value); }
inline Vector add(Vector a, Vector b) { return _mm256_add_ps(a, b); }
inline Vector sub(Vector a, Vector b) { return _mm256_sub_ps(a, b); }
inline Vector times(float factor, Vector a) { return _mm256_mul_ps(all(factor), a); }
inline Vector add_times(Vector a, float factor, Vector b) {
    return _mm256_fmadd_ps(all(factor), b, a);
}

// One-dimensional transforms on vectors `step` apart; two of them make a tile's transform.

inline void input_transform(const Vector* d, int step, Vector* t, int t_step) {
    const Vector d0 = d[0], d1 = d[step], d2 = d[2 * step], d3 = d[3 * step], d4 = d[4 * step],
                 d5 = d[5 * step];
    const Vector even = add_times(d4, -4, d2);
    const Vector odd = add_times(d3, -4, d1);
    const Vector near_even = sub(d4, d2);
    const Vector near_odd = sub(d3, d1);
    t[0] = add_times(add_times(d4, -5, d2), 4, d0);
    t[t_step] = add(even, odd);
    t[2 * t_step] = sub(even, odd);
    t[3 * t_step] = add_times(near_even, 2, near_odd);
    t[4 * t_step] = add_times(near_even, -2, near_odd);
    t[5 * t_step] = add_times(add_times(d5, -5, d3), 4, d1);
}

inline void output_transform(const Vector* m, int step, Vector* y, int y_step) {
    const Vector m0 = m[0], m1 = m[step], m2 = m[2 * step], m3 = m[3 * step], m4 = m[4 * step],
                 m5 = m[5 * step];
    const Vector near_sum = add(m1, m2);
    const Vector near_difference = sub(m1, m2);
    const Vector far_sum = add(m3, m4);
    const Vector far_difference = sub(m3, m4);
    y[0] = add(m0, add(near_sum, far_sum));
    y[y_step] = add_times(near_difference, 2, far_difference);
    y[2 * y_step] = add_times(near_sum, 4, far_sum);
    y[3 * y_step] = add(add_times(near_difference, 8, far_difference), m5);
}

/// The adjoint of output_transform: 4 to 6.
inline void gradient_transform(const Vector* y, int step, Vector* m, int m_step) {
    const Vector y0 = y[0], y1 = y[step], y2 = y[2 * step], y3 = y[3 * step];
    const Vector even = add(y0, y2);
    const Vector odd = add(y1, y3);
    const Vector far_even = add_times(y0, 4, y2);
    const Vector far_odd = add_times(times(2, y1), 8, y3);
    m[0] = y0;
    m[m_step] = add(even, odd);
    m[2 * m_step] = sub(even, odd);
    m[3 * m_step] = add(far_even, far_odd);
    m[4 * m_step] = sub(far_even, far_odd);
    m[5 * m_step] = y3;
}

inline void weight_transform(const Vector* g, int step, Vector* u, int u_step) {
    const Vector g0 = g[0], g1 = g[step], g2 = g[2 * step];
    const Vector sum = add(g0, g2);
    const Vector far_sum = add_times(times(1.0F / 24, g0), 1.0F / 6, g2);
    u[0] = times(0.25F, g0);
    u[u_step] = times(-1.0F / 6, add(sum, g1));
    u[2 * u_step] = times(-1.0F / 6, sub(sum, g1));
    u[3 * u_step] = add_times(far_sum, 1.0F / 12, g1);
    u[4 * u_step] = add_times(far_sum, -1.0F / 12, g1);
    u[5 * u_step] = g2;
}

/// The adjoint of weight_transform: 6 to 3.
inline void weight_gradient_transform(const Vector* u, int step, Vector* g, int g_step) {
    const Vector u0 = u[0], u1 = u[step], u2 = u[2 * step], u3 = u[3 * step], u4 = u[4 * step],
                 u5 = u[5 * step];
    const Vector near_sum = times(-1.0F / 6, add(u1, u2));
    const Vector far_sum = add(u3, u4);
    g[0] = add_times(add_times(near_sum, 1.0F / 24, far_sum), 0.25F, u0);
    g[g_step] = add_times(times(1.0F / 6, sub(u2, u1)), 1.0F / 12, sub(u3, u4));
    g[2 * g_step] = add_times(add(near_sum, u5), 1.0F / 6, far_sum);
}

inline void weight_tile(const Vector taps[9], Vector tile[positions]) {
    Vector half[18];
    for (int column = 0; column < 3; ++column) weight_transform(taps + column, 3, half + column, 3);
    for (int row = 0; row < 6; ++row) weight_transform(half + 3 * row, 1, tile + 6 * row, 1);
}

inline void transpose(Vector rows[8]) {
    Vector a[8];
    Vector b[8];
    for (int i = 0; i < 8; i += 2) {
        a[i] = _mm256_unpacklo_ps(rows[i], rows[i + 1]);
        a[i + 1] = _mm256_unpackhi_ps(rows[i], rows[i + 1]);
    }
    for (int i = 0; i < 8; i += 4) {
        b[i] = _mm256_shuffle_ps(a[i], a[i + 2], 0x44);
        b[i + 1] = _mm256_shuffle_ps(a[i], a[i + 2], 0xEE);
        b[i + 2] = _mm256_shuffle_ps(a[i + 1], a[i + 3], 0x44);
        b[i + 3] = _mm256_shuffle_ps(a[i + 1], a[i + 3], 0xEE);
    }
    for (int i = 0; i < 4; ++i) {
        rows[i] = _mm256_permute2f128_ps(b[i], b[i + 4], 0x20);
        rows[i + 4] = _mm256_permute2f128_ps(b[i], b[i + 4], 0x31);
    }
}

/// Floats between two positions of transformed weights or maps: 16 more than what is there, since
/// 36 streams that lie a power of two apart evict each other from the cache.
inline long padded(long floats) { return floats + 16; }

inline long weight_step(long inputs, long outputs) { return padded(inputs * outputs); }

}  // namespace caplamp::training::winograd
