// SPDX-License-Identifier: Apache-2.0
#include "nn/kernels/winograd_avx2.hpp"

#if defined(__AVX2__) && defined(__FMA__)
#include <immintrin.h>

namespace caplamp::nn::winograd_avx2 {
namespace {

constexpr int block = 8;
constexpr long rows_at_once = 6;  // 6x2 sums, a row's factor and 2 weights fill the 16 registers

using Vector = __m256;

Vector number(float value) { return _mm256_set1_ps(value); }

/// a + factor * b
Vector add_times(Vector a, float factor, Vector b) { return _mm256_fmadd_ps(number(factor), b, a); }

/// One line of B' d: six numbers, `step` vectors apart, to six side by side.
void transform_input(const Vector* d, long step, Vector t[6]) {
    const Vector d1 = d[step];
    const Vector d2 = d[2 * step];
    const Vector d3 = d[3 * step];
    const Vector d4 = d[4 * step];
    const Vector even = add_times(d4, -4, d2);
    const Vector odd = add_times(d3, -4, d1);
    const Vector even_near = _mm256_sub_ps(d4, d2);
    const Vector odd_near = _mm256_sub_ps(d3, d1);
    t[0] = add_times(add_times(d4, -5, d2), 4, d[0]);
    t[1] = _mm256_add_ps(even, odd);
    t[2] = _mm256_sub_ps(even, odd);
    t[3] = add_times(even_near, 2, odd_near);
    t[4] = add_times(even_near, -2, odd_near);
    t[5] = add_times(add_times(d[5 * step], -5, d3), 4, d1);
}

/// One line of A' m: six numbers, `step` vectors apart, to four side by side.
void transform_output(const Vector* m, long step, Vector y[tile]) {
    const Vector near_sum = _mm256_add_ps(m[step], m[2 * step]);
    const Vector near_rest = _mm256_sub_ps(m[step], m[2 * step]);
    const Vector far_sum = _mm256_add_ps(m[3 * step], m[4 * step]);
    const Vector far_rest = _mm256_sub_ps(m[3 * step], m[4 * step]);
    y[0] = _mm256_add_ps(m[0], _mm256_add_ps(near_sum, far_sum));
    y[1] = add_times(near_rest, 2, far_rest);
    y[2] = add_times(near_sum, 4, far_sum);
    y[3] = add_times(_mm256_add_ps(near_rest, m[5 * step]), 8, far_rest);
}

/// exp(x) to one unit in the last place: 2^n times a polynomial on half a binade around 1.
Vector exponential(Vector x) {
    x = _mm256_min_ps(_mm256_max_ps(x, number(-87.0F)), number(88.0F));
    const Vector n = _mm256_round_ps(_mm256_mul_ps(x, number(1.44269504F)),
                                     _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
    Vector r = add_times(x, -0.693359375F, n);
    r = add_times(r, 2.12194440e-4F, n);
    Vector p = add_times(number(1.0F / 120), 1.0F / 720, r);
    p = _mm256_fmadd_ps(p, r, number(1.0F / 24));
    p = _mm256_fmadd_ps(p, r, number(1.0F / 6));
    p = _mm256_fmadd_ps(p, r, number(0.5F));
    p = _mm256_fmadd_ps(p, r, number(1.0F));
    p = _mm256_fmadd_ps(p, r, number(1.0F));
    const __m256i power = _mm256_slli_epi32(_mm256_cvtps_epi32(n), 23);
    return _mm256_castsi256_ps(_mm256_add_epi32(_mm256_castps_si256(p), power));
}

Vector finished(Finish finish, Vector x) {
    if (finish == Finish::relu) return _mm256_max_ps(x, _mm256_setzero_ps());
    if (finish == Finish::none) return x;
    const Vector negative = _mm256_sub_ps(_mm256_setzero_ps(), x);
    return _mm256_div_ps(x, _mm256_add_ps(number(1.0F), exponential(negative)));
}

// Both scratch matrices have a row for each tile. The positions lie a little more than a power of
// two apart: else all 36 would want the same lines of the cache.
long input_step(const Job& job) {
    return static_cast<long>(tiles_at_once(job)) * job.inputs + panel;
}
long output_step(const Job& job) {
    return static_cast<long>(tiles_at_once(job)) * job.panels * panel + panel;
}

struct Corner {
    int y;
    int x;
};

Corner corner_of(const Job& job, int index) {
    return {index / job.tiles_across * tile, index % job.tiles_across * tile};
}

/// Six pixels of a row, zeros for those beyond the map.
void load_border(const Job& job, const float* plane, Corner at, Vector d[6]) {
    for (int x = 0; x < 6; ++x) {
        const int column = at.x + x;
        const bool inside =
            at.y >= 0 && at.y < job.input_height && column >= 0 && column < job.input_width;
        const long offset = (static_cast<long>(at.y) * job.input_width + column) * block;
        d[x] = inside ? _mm256_loadu_ps(plane + offset) : _mm256_setzero_ps();
    }
}

/// Rows of d B, for 8 channels of one tile.
void transform_rows(const Job& job, const float* plane, Corner at, bool inside, Vector* half) {
    for (int y = 0; y < 6; ++y) {
        Vector d[6];
        const Corner row{at.y + y, at.x};
        if (inside) {
            const float* from =
                plane + (static_cast<long>(row.y) * job.input_width + row.x) * block;
            for (long x = 0; x < 6; ++x) d[x] = _mm256_loadu_ps(from + x * block);
        } else {
            load_border(job, plane, row, d);
        }
        transform_input(d, 1, half + 6L * y);
    }
}

/// V [36][tiles][inputs] = B' d B
void gather(const Job& job, int first, int count, float* v) {
    const long plane = static_cast<long>(job.input_height) * job.input_width * block;
    const long step = input_step(job);
    for (int t = 0; t < count; ++t) {
        const Corner result = corner_of(job, first + t);
        const Corner at{result.y - job.padding, result.x - job.padding};
        const bool inside =
            at.y >= 0 && at.x >= 0 && at.y + 6 <= job.input_height && at.x + 6 <= job.input_width;
        for (int c = 0; c < job.inputs; c += block) {
            Vector half[positions];
            transform_rows(job, job.input + c / block * plane, at, inside, half);
            float* const to = v + static_cast<long>(t) * job.inputs + c;
            for (long x = 0; x < 6; ++x) {
                Vector column[6];
                transform_input(half + x, 6, column);
                for (long y = 0; y < 6; ++y) {
                    _mm256_storeu_ps(to + (6 * y + x) * step, column[y]);
                }
            }
        }
    }
}

struct Factors {
    const float* tiles;    // [rows][depth]
    const float* weights;  // [depth][panel]
    long depth;
    float* result;  // [rows][.. result_step], panel of each
    long result_step;
};

template <int rows>
void multiply(const Factors& f) {
    Vector left[rows];
    Vector right[rows];
#pragma GCC unroll 6
    for (int r = 0; r < rows; ++r) left[r] = right[r] = _mm256_setzero_ps();
    const float* weights = f.weights;
    for (long k = 0; k < f.depth; ++k, weights += panel) {
        const Vector w_left = _mm256_loadu_ps(weights);
        const Vector w_right = _mm256_loadu_ps(weights + block);
#pragma GCC unroll 6
        for (int r = 0; r < rows; ++r) {
            const Vector factor = _mm256_broadcast_ss(f.tiles + r * f.depth + k);
            left[r] = _mm256_fmadd_ps(factor, w_left, left[r]);
            right[r] = _mm256_fmadd_ps(factor, w_right, right[r]);
        }
    }
#pragma GCC unroll 6
    for (int r = 0; r < rows; ++r) {
        _mm256_storeu_ps(f.result + r * f.result_step, left[r]);
        _mm256_storeu_ps(f.result + r * f.result_step + block, right[r]);
    }
}

void multiply_rows(Factors f, long rows) {
    for (; rows >= rows_at_once; rows -= rows_at_once) {
        multiply<rows_at_once>(f);
        f.tiles += rows_at_once * f.depth;
        f.result += rows_at_once * f.result_step;
    }
    switch (rows) {
        case 5:
            return multiply<5>(f);
        case 4:
            return multiply<4>(f);
        case 3:
            return multiply<3>(f);
        case 2:
            return multiply<2>(f);
        case 1:
            return multiply<1>(f);
        default:
            return;
    }
}

/// M [36][tiles][panels * panel] = V U, a matrix product for each position
void multiply_positions(const Job& job, int count, const float* v, float* m) {
    const long outputs = static_cast<long>(job.panels) * panel;
    const float* weights = job.weights;
    for (int i = 0; i < positions; ++i) {
        for (long o = 0; o < outputs; o += panel) {
            multiply_rows({v + i * input_step(job), weights, job.inputs,
                           m + i * output_step(job) + o, outputs},
                          count);
            weights += static_cast<long>(job.inputs) * panel;
        }
    }
}

/// One column of a tile, as far as it lies on the map.
void store_column(const Job& job, Corner at, const Vector y[tile], Vector bias, float* plane) {
    if (at.x >= job.width) return;
    const int rows = job.height - at.y < tile ? job.height - at.y : tile;
    for (int row = 0; row < rows; ++row) {
        float* const to = plane + (static_cast<long>(at.y + row) * job.width + at.x) * block;
        Vector x = _mm256_add_ps(y[row], bias);
        if (job.accumulate) x = _mm256_add_ps(x, _mm256_loadu_ps(to));
        _mm256_storeu_ps(to, finished(job.finish, x));
    }
}

/// The result = A' m A, bias and activation
void scatter(const Job& job, int first, int count, const float* m) {
    const long plane = static_cast<long>(job.height) * job.width * block;
    const long step = output_step(job);
    for (int t = 0; t < count; ++t) {
        const Corner at = corner_of(job, first + t);
        for (int o = 0; o < job.outputs; o += block) {
            const float* const from = m + static_cast<long>(t) * job.panels * panel + o;
            Vector half[6 * tile];
            for (long y = 0; y < 6; ++y) {
                Vector row[6];
                for (long x = 0; x < 6; ++x) {
                    row[x] = _mm256_loadu_ps(from + (6 * y + x) * step);
                }
                transform_output(row, 1, half + tile * y);
            }
            const Vector bias = _mm256_loadu_ps(job.bias + o);
            for (int x = 0; x < tile; ++x) {
                Vector column[tile];
                transform_output(half + x, tile, column);
                store_column(job, {at.y, at.x + x}, column, bias, job.output + o / block * plane);
            }
        }
    }
}

}  // namespace

bool supported() { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }

// More tiles use a weight longer while it is in cache, until they themselves no longer fit. Blocks
// are of even size: a last block of one tile would read all the weights for that one.
int tiles_at_once(const Job& job) {
    constexpr long cached_floats = 200'000;
    constexpr long least = 4 * rows_at_once;
    constexpr long most = 10 * rows_at_once;
    const long per_tile = positions * (job.inputs + static_cast<long>(job.panels) * panel);
    long fit = cached_floats / per_tile;
    fit = fit < least ? least : (fit > most ? most : fit);
    const long blocks = job.tiles < fit ? 1 : (job.tiles + fit / 2) / fit;
    const long even = (job.tiles + blocks - 1) / blocks;
    const long rows = (even + rows_at_once - 1) / rows_at_once * rows_at_once;
    return static_cast<int>(blocks == 1 ? even : rows);
}

std::size_t scratch_floats(const Job& job) {
    return static_cast<std::size_t>(positions * (input_step(job) + output_step(job)));
}

void run_block(const Job& job, int first, int count, float* scratch) {
    float* const v = scratch;
    float* const m = scratch + positions * input_step(job);
    gather(job, first, count, v);
    multiply_positions(job, count, v, m);
    scatter(job, first, count, m);
}

}  // namespace caplamp::nn::winograd_avx2

#else

namespace caplamp::nn::winograd_avx2 {

bool supported() { return false; }
int tiles_at_once(const Job&) { return 0; }
std::size_t scratch_floats(const Job&) { return 0; }
void run_block(const Job&, int, int, float*) {}

}  // namespace caplamp::nn::winograd_avx2

#endif
