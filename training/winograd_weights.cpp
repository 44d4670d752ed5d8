// SPDX-License-Identifier: Apache-2.0
#include "training/winograd_avx2.hpp"
#include "training/winograd_transforms.hpp"

namespace caplamp::training::winograd {

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

void collect_weight_gradient(const float* sums, int inputs, int outputs, float* gradient) {
    const long step = weight_step(inputs, outputs);
    for (int k = 0; k < outputs; k += 8) {
        for (int c = 0; c < inputs; c += 8) {
            Vector taps[8][9];  // along the outputs, one row per input
            const float* from =
                sums + (static_cast<long>(k / panel) * inputs + c) * panel + k % panel;
            for (int row = 0; row < 8; ++row) {
                Vector tile[positions];
                Vector half[18];
                for (int i = 0; i < positions; ++i) {
                    tile[i] = load(from + i * step + row * panel);
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
                float* to = gradient + (static_cast<long>(k) * 9 + tap) * inputs + c;
                for (int row = 0; row < 8; ++row) {
                    store(to + static_cast<long>(row) * 9 * inputs, rows[row]);
                }
            }
        }
    }
}

}  // namespace caplamp::training::winograd
