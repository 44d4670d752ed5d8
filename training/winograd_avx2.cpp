// SPDX-License-Identifier: Apache-2.0
#include "training/winograd_avx2.hpp"

#include <cstring>

#include "training/winograd_multiply.hpp"

namespace caplamp::training::winograd {
namespace {

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
    collect_weight_gradient(sums, g.inputs, g.outputs, gradient);
}

}  // namespace caplamp::training::winograd
