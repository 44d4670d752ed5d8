// SPDX-License-Identifier: Apache-2.0
#include "training/tensor_renderer.hpp"

#include <algorithm>
#include <vector>

namespace caplamp::training {
namespace {

using torch::Tensor;
using torch::indexing::Slice;

// What one pixel must know of its tile: a row of doubles, looked up by the tile's number.
enum Column {
    left,
    top,
    right,
    bottom,
    a,
    b,
    c,
    d,
    e,
    f,
    width,
    height,  // of level 0
    level_width,
    level_height,  // of the sampled level
    first_pixel,   // of the level in the cache
    mix,           // nine numbers
    saturation = mix + 9,
    gain,
    noise,
    noise_seed,
    columns
};

std::vector<double> row_of(const Tile& tile, const CachedPicture& picture) {
    const CachedPicture::Level& whole = picture.level[0];
    const CachedPicture::Level& level = picture.level[static_cast<std::size_t>(tile.level)];
    const Affine& map = tile.to_source;
    std::vector<double> row{1.0 * tile.area.left,
                            1.0 * tile.area.top,
                            1.0 * tile.area.right,
                            1.0 * tile.area.bottom,
                            map.a,
                            map.b,
                            map.c,
                            map.d,
                            map.e,
                            map.f,
                            1.0 * whole.width,
                            1.0 * whole.height,
                            1.0 * level.width,
                            1.0 * level.height,
                            static_cast<double>(level.offset / 3)};
    row.insert(row.end(), tile.colour.mix.begin(), tile.colour.mix.end());
    row.insert(row.end(), {tile.colour.saturation, tile.colour.gain, tile.colour.noise,
                           static_cast<double>(tile.colour.noise_seed)});
    return row;
}

// [pictures, most tiles of any, columns]; tiles a picture lacks have an empty area.
Tensor table_of(std::span<const PicturePlan> plans, const PictureCache& cache) {
    std::size_t most = 0;
    for (const PicturePlan& plan : plans) most = std::max(most, plan.tiles.size());
    Tensor table = torch::zeros({static_cast<int64_t>(plans.size()), static_cast<int64_t>(most),
                                 static_cast<int64_t>(columns)},
                                torch::kFloat64);
    double* row = table.data_ptr<double>();
    for (const PicturePlan& plan : plans) {
        for (std::size_t i = 0; i < plan.tiles.size(); ++i) {
            const std::vector<double> values = row_of(plan.tiles[i], cache[plan.tiles[i].picture]);
            std::copy(values.begin(), values.end(), row + i * columns);
        }
        row += most * columns;
    }
    return table;
}

// The tile of every pixel, as a row of the flattened table: [N, size, size] int64.
Tensor tile_of_pixels(const Tensor& table, const Tensor& ticks) {
    const int64_t most = table.size(1);
    const auto edge = [&](int64_t tile, Column column) {
        return table.index({Slice(), tile, static_cast<int64_t>(column)}).view({-1, 1, 1});
    };
    const Tensor u = ticks.view({1, 1, -1});
    const Tensor v = ticks.view({1, -1, 1});
    Tensor number = torch::zeros({table.size(0), ticks.size(0), ticks.size(0)},
                                 ticks.options().dtype(torch::kInt64));
    for (int64_t tile = 1; tile < most; ++tile) {
        const Tensor within = (u >= edge(tile, left)) & (u < edge(tile, right)) &
                              (v >= edge(tile, top)) & (v < edge(tile, bottom));
        number.masked_fill_(within, tile);
    }
    return number + torch::arange(table.size(0), number.options()).view({-1, 1, 1}) * most;
}

struct Axis {
    Tensor low;
    Tensor high;
    Tensor share;  // of high, [N, S, S, 1]
};

Axis between(const Tensor& position, const Tensor& scale, const Tensor& side) {
    const Tensor last = side - 1;
    const Tensor centre = torch::minimum((position * scale - 0.5).clamp_min(0), last);
    const Tensor low = centre.floor();
    return {low.to(torch::kInt64), torch::minimum(low + 1, last).to(torch::kInt64),
            (centre - low).unsqueeze(-1)};
}

// pixel_noise() of every channel, [N, S, S, 3]. Products stay below 2^63: both factors have at
// most 32 bits, the constants 31.
Tensor noise_of(const Tensor& seed, int64_t size) {
    constexpr int64_t word = 0xffffffff;
    const auto mixed = [&](const Tensor& x, int64_t shift, int64_t factor) {
        return ((x ^ x.bitwise_right_shift(shift)) * factor).bitwise_and(word);
    };
    const Tensor index = torch::arange(size * size * 3, seed.options()).view({1, size, size, 3});
    Tensor x = seed.unsqueeze(-1) ^ (index * int64_t{0x9e3779b9}).bitwise_and(word);
    x = mixed(x, 16, 0x7feb352d);
    x = mixed(x, 15, 0x2c1b3c6d);
    x = x ^ x.bitwise_right_shift(16);
    Tensor sum = x.bitwise_and(255);
    for (const int64_t shift : {8, 16, 24})
        sum = sum + x.bitwise_right_shift(shift).bitwise_and(255);
    return (sum.to(torch::kFloat32) - 510.0) / 147.8;
}

// The tiles that are blurred are few, so they are done one by one.
void blur_tiles(std::span<const PicturePlan> plans, const Tensor& images) {
    const Tensor line = torch::tensor({0.25F, 0.5F, 0.25F}, images.options());
    const Tensor across = line.view({1, 1, 1, 3});
    const Tensor down = line.view({1, 1, 3, 1});
    for (std::size_t n = 0; n < plans.size(); ++n)
        for (const Tile& tile : plans[n].tiles) {
            if (tile.colour.blur == 0) continue;
            Tensor area =
                images.index({static_cast<int64_t>(n), Slice(tile.area.top, tile.area.bottom),
                              Slice(tile.area.left, tile.area.right)});
            Tensor planes = area.permute({2, 0, 1}).unsqueeze(1).contiguous();  // [3, 1, h, w]
            for (int pass = 0; pass < tile.colour.blur; ++pass) {
                planes = torch::conv2d(torch::replication_pad2d(planes, {1, 1, 0, 0}), across);
                planes = torch::conv2d(torch::replication_pad2d(planes, {0, 0, 1, 1}), down);
            }
            area.copy_(planes.squeeze(1).permute({1, 2, 0}));
        }
}

bool has_noise(std::span<const PicturePlan> plans) {
    for (const PicturePlan& plan : plans)
        for (const Tile& tile : plan.tiles)
            if (tile.colour.noise > 0) return true;
    return false;
}

}  // namespace

TensorRenderer::TensorRenderer(const PictureCache& cache, int size, torch::Device device)
    : cache_(cache), size_(size) {
    const std::span<const std::uint8_t> bytes = cache.bytes();
    // from_blob wants a mutable pointer; nothing writes through it, and on the CPU nothing is
    // copied.
    pixels_ = torch::from_blob(const_cast<std::uint8_t*>(bytes.data()),
                               {static_cast<int64_t>(bytes.size() / 3), 3}, torch::kUInt8)
                  .to(device);
}

torch::Tensor TensorRenderer::render(std::span<const PicturePlan> plans) const {
    constexpr std::size_t at_once = 16;  // bounds the memory of intermediate results
    std::vector<Tensor> parts;
    for (std::size_t first = 0; first < plans.size(); first += at_once)
        parts.push_back(render_some(plans.subspan(first, std::min(at_once, plans.size() - first))));
    return torch::cat(parts);
}

torch::Tensor TensorRenderer::render_some(std::span<const PicturePlan> plans) const {
    const torch::NoGradGuard no_gradients;
    const Tensor table = table_of(plans, cache_).to(pixels_.device());
    const Tensor ticks =
        torch::arange(size_, torch::TensorOptions(torch::kFloat64).device(pixels_.device())) + 0.5;
    const Tensor tile = tile_of_pixels(table, ticks);
    const Tensor flat = table.view({-1, static_cast<int64_t>(columns)});
    const auto wide = [&](int column) { return flat.index({Slice(), column}).index({tile}); };
    const auto value = [&](int column) {
        return flat.index({Slice(), column}).to(torch::kFloat32).index({tile});
    };

    const Tensor u = ticks.view({1, 1, -1});
    const Tensor v = ticks.view({1, -1, 1});
    const Tensor x = (wide(a) * u + wide(b) * v + wide(c)).to(torch::kFloat32);
    const Tensor y = (wide(d) * u + wide(e) * v + wide(f)).to(torch::kFloat32);
    const Tensor covered =
        ((x >= 0) & (x < value(width)) & (y >= 0) & (y < value(height))).unsqueeze(-1);
    const Axis across = between(x, value(level_width) / value(width), value(level_width));
    const Axis down = between(y, value(level_height) / value(height), value(level_height));
    const Tensor first = wide(first_pixel).to(torch::kInt64);
    const Tensor pitch = wide(level_width).to(torch::kInt64);
    const auto taken = [&](const Tensor& column, const Tensor& row) {
        return pixels_.index({first + row * pitch + column}).to(torch::kFloat32);
    };
    const Tensor upper =
        torch::lerp(taken(across.low, down.low), taken(across.high, down.low), across.share);
    const Tensor lower =
        torch::lerp(taken(across.low, down.high), taken(across.high, down.high), across.share);
    Tensor images = torch::lerp(upper, lower, down.share) / 255.0;  // [N, S, S, 3]
    images.masked_fill_(~covered, fill_value);
    blur_tiles(plans, images);

    const Tensor mixing = flat.index({Slice(), Slice(mix, mix + 9)})
                              .to(torch::kFloat32)
                              .index({tile})
                              .view({tile.size(0), size_, size_, 3, 3});
    images = torch::matmul(mixing, images.unsqueeze(-1)).squeeze(-1);
    const Tensor most = images.amax({-1}, true);
    images = (most - (most - images) * value(saturation).unsqueeze(-1)) * value(gain).unsqueeze(-1);
    if (has_noise(plans))
        images = images +
                 value(noise).unsqueeze(-1) * noise_of(wide(noise_seed).to(torch::kInt64), size_);
    images = images.clamp(0, 1).masked_fill_(~covered, fill_value);
    return images.permute({0, 3, 1, 2}).contiguous();
}

}  // namespace caplamp::training
