// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

/// The inner loops of Winograd's F(4x4, 3x3) (Lavin & Gray 2016) for AVX2 and FMA, on maps in
/// blocks of 8 channels. Call them where supported(). Compiled for a newer CPU than the rest, so
/// nothing here is inline: the linker might choose that copy for everybody.
namespace caplamp::nn::winograd_avx2 {

constexpr int positions = 36;  // of a transformed tile of 6x6
constexpr int panel = 16;      // output channels that are computed side by side
constexpr int tile = 4;        // pixels of the result per side of a tile

bool supported();

enum class Finish { none, relu, silu };

/// One convolution, 3x3 with stride 1. Channels are padded: inputs to 8, outputs to 8 (in memory)
/// and to `panel` (in the weights, and in `bias`).
struct Job {
    int inputs = 0;
    int outputs = 0;
    int input_height = 0;
    int input_width = 0;
    int height = 0;  // of the result
    int width = 0;
    int padding = 1;
    Finish finish = Finish::none;
    bool accumulate = false;

    const float* input = nullptr;
    const float* weights = nullptr;  // [36][outputs / panel][inputs][panel]
    const float* bias = nullptr;
    float* output = nullptr;

    int tiles_across = 0;
    int tiles = 0;
    int panels = 0;
};

/// Tiles that are worked off together, so that what lies between the three passes stays in cache.
int tiles_at_once(const Job& job);

/// Floats of scratch memory for one block of tiles.
std::size_t scratch_floats(const Job& job);

/// Tiles [first, first + count), count being at most tiles_at_once().
void run_block(const Job& job, int first, int count, float* scratch);

}  // namespace caplamp::nn::winograd_avx2
