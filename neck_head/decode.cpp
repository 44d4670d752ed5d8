// SPDX-License-Identifier: Apache-2.0
#include "neck_head/decode.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <cstdint>
#include <limits>

#include "core/error.hpp"

namespace caplamp::neck_head {
namespace {

float sigmoid(float logit) { return 1.0F / (1.0F + std::exp(-logit)); }

/// The logit whose sigmoid is `score`; comparing logits spares an exponential a cell.
float logit_of(float score) {
    if (score <= 0) return -std::numeric_limits<float>::infinity();
    if (score >= 1) return std::numeric_limits<float>::infinity();
    return std::log(score / (1.0F - score));
}

/// The largest logit of each cell in the first row of `best`; false when one is not a number.
bool largest_logits(TensorView logits, std::vector<float>& best) {
    const auto first = logits.channel(0);
    best.assign(first.begin(), first.end());
    bool numbers = true;
    for (int c = 0; c < logits.shape().channels; ++c) {
        const auto plane = logits.channel(c);
        for (std::size_t cell = 0; cell < plane.size(); ++cell) {
            numbers &= plane[cell] == plane[cell];
            best[cell] = std::max(best[cell], plane[cell]);
        }
    }
    return numbers;
}

/// Expectation of the softmax over one side's bins, in strides.
float side_distance(TensorView bins, int first_bin, int reg_max, std::size_t cell) {
    const std::size_t plane = bins.shape().plane();
    const float* value = bins.data().data() + static_cast<std::size_t>(first_bin) * plane + cell;
    float largest = value[0];
    for (int i = 1; i < reg_max; ++i) {
        largest = std::max(largest, value[static_cast<std::size_t>(i) * plane]);
    }
    float sum = 0;
    float weighted = 0;
    for (int i = 0; i < reg_max; ++i) {
        const float e = std::exp(value[static_cast<std::size_t>(i) * plane] - largest);
        sum += e;
        weighted += e * static_cast<float>(i);
    }
    return weighted / sum;
}

Box box_of(TensorView bins, int reg_max, int stride, std::size_t cell) {
    const auto columns = static_cast<std::size_t>(bins.shape().width);
    const std::size_t row = cell / columns;
    const float centre_x = static_cast<float>(cell % columns) + 0.5F;
    const float centre_y = static_cast<float>(row) + 0.5F;
    std::array<float, 4> side{};  // left, top, right, bottom
    for (int i = 0; i < 4; ++i) {
        side[static_cast<std::size_t>(i)] = side_distance(bins, i * reg_max, reg_max, cell);
    }
    const auto pixels = static_cast<float>(stride);
    return {(centre_x - side[0]) * pixels, (centre_y - side[1]) * pixels,
            (side[0] + side[2]) * pixels, (side[1] + side[3]) * pixels};
}

void add_cell(TensorView logits, const Box& box, std::size_t cell, float threshold,
              bool multi_label, Detections& into) {
    int best = -1;
    for (int c = 0; c < logits.shape().channels; ++c) {
        const float logit = logits.channel(c)[cell];
        if (!(logit > threshold)) continue;
        if (multi_label) into.push_back({c, sigmoid(logit), box});
        if (best < 0 || logit > logits.channel(best)[cell]) best = c;
    }
    if (!multi_label) into.push_back({best, sigmoid(logits.channel(best)[cell]), box});
}

}  // namespace

HeadLayout HeadLayout::of(const nn::ModelTable& table) {
    return {.strides = table.detect().strides, .reg_max = table.detect().reg_max};
}

void decode(std::span<const TensorView> maps, const HeadLayout& layout, const DecodeConfig& config,
            Detections& into) {
    assert(maps.size() == 2 * layout.strides.size());
    const float threshold = logit_of(config.score);
    into.clear();
    std::vector<float> best;
    for (std::size_t scale = 0; scale < layout.strides.size(); ++scale) {
        const TensorView bins = maps[2 * scale];
        const TensorView logits = maps[2 * scale + 1];
        assert(bins.shape().channels == 4 * layout.reg_max);
        if (!largest_logits(logits, best)) {
            throw Error("the network's scores are not numbers: its weights do not fit or overflow");
        }
        for (std::size_t cell = 0; cell < best.size(); ++cell) {
            if (!(best[cell] > threshold)) continue;
            const Box box = box_of(bins, layout.reg_max, layout.strides[scale], cell);
            add_cell(logits, box, cell, threshold, config.multi_label, into);
        }
    }
}

}  // namespace caplamp::neck_head
