// SPDX-License-Identifier: Apache-2.0
#include "training/winograd_avx2.hpp"

#if defined(__AVX2__) && defined(__FMA__)
#include <immintrin.h>

#include <cstring>

namespace caplamp::training::winograd {
namespace {

constexpr int positions = 36;  // of a transformed 6x6 tile
constexpr int panel = 16;      // output channels that a micro-kernel computes at once

using Vector = __m256;

Vector load(const float* from) { return _mm256_loadu_ps(from); }
void store(float* to, Vector value) { _mm256_storeu_ps(to, value); }
Vector all(float value) { return _mm256_set1_ps(value); }
Vector add(Vector a, Vector b) { return _mm256_add_ps(a, b); }
Vector sub(Vector a, Vector b) { return _mm256_sub_ps(a, b); }
Vector times(float factor, Vector a) { return _mm256_mul_ps(all(factor), a); }
Vector add_times(Vector a, float factor, Vector b) { return _mm256_fmadd_ps(all(factor), b, a); }

// One-dimensional transforms on vectors `step` apart; two of them make a tile's transform.

void input_transform(const Vector* d, int step, Vector* t, int t_step) {
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

void output_transform(const Vector* m, int step, Vector* y, int y_step) {
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
void gradient_transform(const Vector* y, int step, Vector* m, int m_step) {
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

void weight_transform(const Vector* g, int step, Vector* u, int u_step) {
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
void weight_gradient_transform(const Vector* u, int step, Vector* g, int g_step) {
    const Vector u0 = u[0], u1 = u[step], u2 = u[2 * step], u3 = u[3 * step], u4 = u[4 * step],
                 u5 = u[5 * step];
    const Vector near_sum = times(-1.0F / 6, add(u1, u2));
    const Vector far_sum = add(u3, u4);
    g[0] = add_times(add_times(near_sum, 1.0F / 24, far_sum), 0.25F, u0);
    g[g_step] = add_times(times(1.0F / 6, sub(u2, u1)), 1.0F / 12, sub(u3, u4));
    g[2 * g_step] = add_times(add(near_sum, u5), 1.0F / 6, far_sum);
}

void weight_tile(const Vector taps[9], Vector tile[positions]) {
    Vector half[18];
    for (int column = 0; column < 3; ++column) weight_transform(taps + column, 3, half + column, 3);
    for (int row = 0; row < 6; ++row) weight_transform(half + 3 * row, 1, tile + 6 * row, 1);
}

void transpose(Vector rows[8]) {
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

/// c [rows][16] (+)= a * b for up to 6 rows; b is a panel [depth][16]. Element (row, k) of a lies
/// at row * row_step + k * depth_step.
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

template <int rows>
void multiply(const Operands& o) {
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

void multiply_rows(Operands o, long rows) {
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

/// Floats between two positions of transformed weights or maps: 16 more than what is there, since
/// 36 streams that lie a power of two apart evict each other from the cache.
long padded(long floats) { return floats + 16; }

long weight_step(long inputs, long outputs) { return padded(inputs * outputs); }

/// How the tiles of all pictures are worked off: `block` at a time.
struct Tiling {
    explicit Tiling(const Geometry& g)
        : across((g.width + 3) / 4),
          down((g.height + 3) / 4),
          count(static_cast<long>(g.pictures) * across * down) {
        // Both operands of the block's products stay in the second and third level cache. Rows
        // come in sixes.
        constexpr long cached_floats = 400'000;
        long fit = cached_floats / (positions * (static_cast<long>(g.inputs) + g.outputs));
        fit = fit / 6 * 6;
        block = fit < 24 ? 24 : (fit > 192 ? 192 : fit);
        if (block > count) block = count;
        input_step = padded(block * g.inputs);
        output_step = padded(block * g.outputs);
    }
    int across;
    int down;
    long count;
    long block;
    long input_step;  // floats between two positions
    long output_step;
};

struct TilePlace {
    long picture;
    int top;
    int left;
};

TilePlace place_of(const Tiling& tiling, long tile) {
    const long per_picture = static_cast<long>(tiling.across) * tiling.down;
    const long inside = tile % per_picture;
    return {tile / per_picture, static_cast<int>(inside / tiling.across) * 4,
            static_cast<int>(inside % tiling.across) * 4};
}

/// Addresses of side x side pixels from (top, left); `outside` for those beyond the map.
template <int side, class Pointer>
void pixel_addresses(const Geometry& g, const TilePlace& at, int border, long channels, Pointer map,
                     Pointer outside, Pointer* addresses) {
    for (int y = 0; y < side; ++y) {
        const int row = at.top + y - border;
        for (int x = 0; x < side; ++x) {
            const int column = at.left + x - border;
            const bool inside = row >= 0 && row < g.height && column >= 0 && column < g.width;
            addresses[y * side + x] =
                inside ? map + ((at.picture * g.height + row) * g.width + column) * channels
                       : outside;
        }
    }
}

/// V [36][tiles][inputs] of tiles first .. first+count-1.
void gather_inputs(const Geometry& g, const Tiling& tiling, long first, long count,
                   const float* map, const float* zeros, float* v) {
    for (long t = 0; t < count; ++t) {
        const float* pixels[positions];
        pixel_addresses<6>(g, place_of(tiling, first + t), 1, g.inputs, map, zeros, pixels);
        for (int c = 0; c < g.inputs; c += 8) {
            Vector tile[positions];
            Vector half[positions];
            for (int i = 0; i < positions; ++i) tile[i] = load(pixels[i] + c);
            for (int x = 0; x < 6; ++x) input_transform(tile + x, 6, half + x, 6);
            for (int y = 0; y < 6; ++y) input_transform(half + 6 * y, 1, tile + 6 * y, 1);
            float* to = v + t * g.inputs + c;
            for (int i = 0; i < positions; ++i) store(to + i * tiling.input_step, tile[i]);
        }
    }
}

/// The result's pixels from M [36][tiles][outputs].
void scatter_outputs(const Geometry& g, const Tiling& tiling, long first, long count,
                     const float* m, float* map) {
    for (long t = 0; t < count; ++t) {
        float* pixels[16];
        float* const nowhere = nullptr;
        pixel_addresses<4>(g, place_of(tiling, first + t), 0, g.outputs, map, nowhere, pixels);
        for (int c = 0; c < g.outputs; c += 8) {
            Vector tile[positions];
            Vector half[24];
            const float* from = m + t * g.outputs + c;
            for (int i = 0; i < positions; ++i) tile[i] = load(from + i * tiling.output_step);
            for (int x = 0; x < 6; ++x) output_transform(tile + x, 6, half + x, 6);
            for (int y = 0; y < 4; ++y) output_transform(half + 6 * y, 1, tile + 4 * y, 1);
            for (int i = 0; i < 16; ++i) {
                if (pixels[i] != nullptr) store(pixels[i] + c, tile[i]);
            }
        }
    }
}

/// D [36][outputs / 16][tiles][16] of the gradient of the result.
void gather_gradients(const Geometry& g, const Tiling& tiling, long first, long count,
                      const float* map, const float* zeros, float* d) {
    for (long t = 0; t < count; ++t) {
        const float* pixels[16];
        pixel_addresses<4>(g, place_of(tiling, first + t), 0, g.outputs, map, zeros, pixels);
        for (int c = 0; c < g.outputs; c += 8) {
            Vector tile[16];
            Vector half[24];
            Vector whole[positions];
            for (int i = 0; i < 16; ++i) tile[i] = load(pixels[i] + c);
            for (int x = 0; x < 4; ++x) gradient_transform(tile + x, 4, half + x, 4);
            for (int y = 0; y < 6; ++y) gradient_transform(half + 4 * y, 1, whole + 6 * y, 1);
            float* to = d + (c / panel * count + t) * panel + c % panel;
            for (int i = 0; i < positions; ++i) store(to + i * tiling.output_step, whole[i]);
        }
    }
}

}  // namespace

bool supported() { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }

std::size_t weight_floats(int inputs, int outputs) {
    return static_cast<std::size_t>(positions * weight_step(inputs, outputs));
}

void transform_weights(const float* weights, int inputs, int outputs, float* transformed) {
    const long step = weight_step(inputs, outputs);
    for (int k = 0; k < outputs; k += 8) {
        for (int c = 0; c < inputs; c += 8) {
            Vector tiles[8][positions];  // along the inputs, one row per output
            for (int row = 0; row < 8; ++row) {
                Vector taps[9];
                const float* from = weights + static_cast<long>(k + row) * 9 * inputs + c;
                for (int tap = 0; tap < 9; ++tap) taps[tap] = load(from + tap * inputs);
                weight_tile(taps, tiles[row]);
            }
            float* to =
                transformed + (static_cast<long>(k / panel) * inputs + c) * panel + k % panel;
            for (int i = 0; i < positions; ++i) {
                Vector rows[8];
                for (int row = 0; row < 8; ++row) rows[row] = tiles[row][i];
                transpose(rows);
                for (int row = 0; row < 8; ++row) store(to + i * step + row * panel, rows[row]);
            }
        }
    }
}

void transform_weights_turned(const float* weights, int inputs, int outputs, float* transformed) {
    const long step = weight_step(inputs, outputs);
    for (int k = 0; k < outputs; ++k) {
        for (int c = 0; c < inputs; c += 8) {
            Vector taps[9];
            Vector tile[positions];
            const float* from = weights + static_cast<long>(k) * 9 * inputs + c;
            for (int tap = 0; tap < 9; ++tap) taps[8 - tap] = load(from + tap * inputs);
            weight_tile(taps, tile);
            float* to =
                transformed + (static_cast<long>(c / panel) * outputs + k) * panel + c % panel;
            for (int i = 0; i < positions; ++i) store(to + i * step, tile[i]);
        }
    }
}

std::size_t scratch_floats(const Geometry& g) {
    const Tiling tiling(g);
    const long most = g.inputs > g.outputs ? g.inputs : g.outputs;
    return static_cast<std::size_t>(positions * (tiling.input_step + tiling.output_step) + most);
}

void convolve(const Geometry& g, const float* pictures, const float* transformed, float* scratch,
              float* result) {
    const Tiling tiling(g);
    float* v = scratch;
    float* m = v + positions * tiling.input_step;
    float* zeros = m + positions * tiling.output_step;
    std::memset(zeros, 0, sizeof(float) * static_cast<std::size_t>(g.inputs));
    const long between = weight_step(g.inputs, g.outputs);
    for (long first = 0; first < tiling.count; first += tiling.block) {
        const long count =
            tiling.count - first < tiling.block ? tiling.count - first : tiling.block;
        gather_inputs(g, tiling, first, count, pictures, zeros, v);
        for (int i = 0; i < positions; ++i) {
            for (int k = 0; k < g.outputs; k += panel) {
                multiply_rows({.a = v + i * tiling.input_step,
                               .row_step = g.inputs,
                               .depth_step = 1,
                               .b = transformed + i * between + static_cast<long>(k) * g.inputs,
                               .depth = g.inputs,
                               .c = m + i * tiling.output_step + k,
                               .c_step = g.outputs,
                               .accumulate = false},
                              count);
            }
        }
        scatter_outputs(g, tiling, first, count, m, result);
    }
}

void weight_gradient(const Geometry& g, const float* pictures, const float* result_gradient,
                     float* scratch, float* sums, float* gradient) {
    const Tiling tiling(g);
    float* v = scratch;
    float* d = v + positions * tiling.input_step;
    float* zeros = d + positions * tiling.output_step;
    std::memset(
        zeros, 0,
        sizeof(float) * static_cast<std::size_t>(g.inputs > g.outputs ? g.inputs : g.outputs));
    const long between = weight_step(g.inputs, g.outputs);
    for (long first = 0; first < tiling.count; first += tiling.block) {
        const long count =
            tiling.count - first < tiling.block ? tiling.count - first : tiling.block;
        gather_inputs(g, tiling, first, count, pictures, zeros, v);
        gather_gradients(g, tiling, first, count, result_gradient, zeros, d);
        for (int i = 0; i < positions; ++i) {
            for (int k = 0; k < g.outputs; k += panel) {
                multiply_rows({.a = v + i * tiling.input_step,
                               .row_step = 1,
                               .depth_step = g.inputs,
                               .b = d + i * tiling.output_step + static_cast<long>(k) * count,
                               .depth = count,
                               .c = sums + i * between + static_cast<long>(k) * g.inputs,
                               .c_step = panel,
                               .accumulate = first > 0},
                              g.inputs);
            }
        }
    }
    for (int k = 0; k < g.outputs; k += 8) {
        for (int c = 0; c < g.inputs; c += 8) {
            Vector taps[8][9];  // along the outputs, one row per input
            const float* from =
                sums + (static_cast<long>(k / panel) * g.inputs + c) * panel + k % panel;
            for (int row = 0; row < 8; ++row) {
                Vector tile[positions];
                Vector half[18];
                for (int i = 0; i < positions; ++i) {
                    tile[i] = load(from + i * between + row * panel);
                }
                for (int x = 0; x < 6; ++x) weight_gradient_transform(tile + x, 6, half + x, 6);
                for (int y = 0; y < 3; ++y) {
                    weight_gradient_transform(half + 6 * y, 1, taps[row] + 3 * y, 1);
                }
            }
            for (int tap = 0; tap < 9; ++tap) {
                Vector rows[8];
                for (int row = 0; row < 8; ++row) rows[row] = taps[row][tap];
                transpose(rows);
                float* to = gradient + (static_cast<long>(k) * 9 + tap) * g.inputs + c;
                for (int row = 0; row < 8; ++row) {
                    store(to + static_cast<long>(row) * 9 * g.inputs, rows[row]);
                }
            }
        }
    }
}

}  // namespace caplamp::training::winograd

#else

namespace caplamp::training::winograd {
bool supported() { return false; }
std::size_t weight_floats(int, int) { return 0; }
void transform_weights(const float*, int, int, float*) {}
void transform_weights_turned(const float*, int, int, float*) {}
std::size_t scratch_floats(const Geometry&) { return 0; }
void convolve(const Geometry&, const float*, const float*, float*, float*) {}
void weight_gradient(const Geometry&, const float*, const float*, float*, float*, float*) {}
}  // namespace caplamp::training::winograd

#endif
