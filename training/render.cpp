// SPDX-License-Identifier: Apache-2.0
#include "training/render.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "training/pixel_noise.hpp"

namespace caplamp::training {
namespace {

// One colour plane of the output.
struct Plane {
    float* data = nullptr;
    std::ptrdiff_t size = 0;  // sides in pixels

    float* row(int y) const { return data + y * size; }
};

// The columns begin .. end-1 of one row that the picture covers; a convex shape has no gaps.
struct Covered {
    int begin = 0;
    int end = 0;
};

struct TilePainter {
    const Tile& tile;
    PictureView picture;  // the sampled level
    float width = 0;      // of level 0
    float height = 0;
    std::array<Plane, 3> planes;
    int size = 0;
};

// Picture coordinates of one axis that lie between two pixel centres.
struct Between {
    std::ptrdiff_t low = 0;
    std::ptrdiff_t high = 0;
    float share = 0;  // of high
};

Between between(float position, float scale, int side) {
    const float centre = std::clamp(position * scale - 0.5F, 0.0F, static_cast<float>(side) - 1.0F);
    const auto low = static_cast<std::ptrdiff_t>(centre);
    return {low, std::min<std::ptrdiff_t>(low + 1, side - 1), centre - static_cast<float>(low)};
}

void sample(const PictureView& picture, const Between& x, const Between& y, float* red,
            float* green, float* blue) {
    const std::ptrdiff_t pitch = std::ptrdiff_t{picture.width} * 3;
    const std::uint8_t* const above = picture.pixels + y.low * pitch;
    const std::uint8_t* const below = picture.pixels + y.high * pitch;
    const std::ptrdiff_t left = x.low * 3;
    const std::ptrdiff_t right = x.high * 3;
    float* const result[] = {red, green, blue};
    for (std::ptrdiff_t c = 0; c < 3; ++c) {
        const float upper_left = above[left + c];
        const float lower_left = below[left + c];
        const float upper = upper_left + x.share * (above[right + c] - upper_left);
        const float lower = lower_left + x.share * (below[right + c] - lower_left);
        *result[c] = (upper + y.share * (lower - upper)) * (1.0F / 255.0F);
    }
}

Covered sample_row(const TilePainter& painter, int v) {
    const Tile& tile = painter.tile;
    const auto a = static_cast<float>(tile.to_source.a);
    const auto d = static_cast<float>(tile.to_source.d);
    const double row = v + 0.5;
    const auto x0 = static_cast<float>(tile.to_source.b * row + tile.to_source.c);
    const auto y0 = static_cast<float>(tile.to_source.e * row + tile.to_source.f);
    const float scale_x = static_cast<float>(painter.picture.width) / painter.width;
    const float scale_y = static_cast<float>(painter.picture.height) / painter.height;
    Covered covered{tile.area.right, tile.area.left};
    for (int u = tile.area.left; u < tile.area.right; ++u) {
        const float column = static_cast<float>(u) + 0.5F;
        const float x = a * column + x0;
        const float y = d * column + y0;
        if (!(x >= 0 && x < painter.width && y >= 0 && y < painter.height)) continue;
        covered.begin = std::min(covered.begin, u);
        covered.end = u + 1;
        sample(painter.picture, between(x, scale_x, painter.picture.width),
               between(y, scale_y, painter.picture.height), painter.planes[0].row(v) + u,
               painter.planes[1].row(v) + u, painter.planes[2].row(v) + u);
    }
    return covered;
}

// 1-2-1 along one line of `count` values `stride` apart; the ends stand for what lies beyond.
void blur_line(float* first, int count, std::ptrdiff_t stride) {
    float before = *first;
    for (int i = 0; i < count; ++i) {
        float& value = first[i * stride];
        const float after = i + 1 < count ? first[(i + 1) * stride] : value;
        const float blurred = 0.25F * before + 0.5F * value + 0.25F * after;
        before = value;
        value = blurred;
    }
}

void blur(const Plane& plane, const Area& area) {
    for (int v = area.top; v < area.bottom; ++v)
        blur_line(plane.row(v) + area.left, area.right - area.left, 1);
    for (int u = area.left; u < area.right; ++u)
        blur_line(plane.row(area.top) + u, area.bottom - area.top, plane.size);
}

void recolour(const TilePainter& painter, int v, const Covered& covered) {
    const ColourChange& change = painter.tile.colour;
    const std::array<float, 9>& m = change.mix;
    for (int u = covered.begin; u < covered.end; ++u) {
        float* const place[] = {painter.planes[0].row(v) + u, painter.planes[1].row(v) + u,
                                painter.planes[2].row(v) + u};
        const float r = *place[0];
        const float g = *place[1];
        const float b = *place[2];
        const float mixed[] = {m[0] * r + m[1] * g + m[2] * b, m[3] * r + m[4] * g + m[5] * b,
                               m[6] * r + m[7] * g + m[8] * b};
        const float most = std::max({mixed[0], mixed[1], mixed[2]});
        for (std::size_t c = 0; c < 3; ++c) {
            float value = (most - (most - mixed[c]) * change.saturation) * change.gain;
            if (change.noise > 0) {
                const auto index = static_cast<std::uint32_t>((v * painter.size + u) * 3) +
                                   static_cast<std::uint32_t>(c);
                value += change.noise * pixel_noise(change.noise_seed, index);
            }
            *place[c] = std::clamp(value, 0.0F, 1.0F);
        }
    }
}

void refill(const TilePainter& painter, int v, const Covered& covered) {
    const Area& area = painter.tile.area;
    for (const Plane& plane : painter.planes) {
        float* const row = plane.row(v);
        if (covered.begin >= covered.end) {
            std::fill(row + area.left, row + area.right, fill_value);
            continue;
        }
        std::fill(row + area.left, row + covered.begin, fill_value);
        std::fill(row + covered.end, row + area.right, fill_value);
    }
}

void paint(const TilePainter& painter) {
    const Area& area = painter.tile.area;
    std::vector<Covered> rows;
    for (int v = area.top; v < area.bottom; ++v) {
        rows.push_back(sample_row(painter, v));
        refill(painter, v, rows.back());
    }
    const ColourChange& change = painter.tile.colour;
    for (int pass = 0; pass < change.blur; ++pass)
        for (const Plane& plane : painter.planes) blur(plane, area);
    if (change == ColourChange{}) return;
    for (int v = area.top; v < area.bottom; ++v) {
        const Covered& covered = rows[static_cast<std::size_t>(v - area.top)];
        recolour(painter, v, covered);
        if (change.blur > 0) refill(painter, v, covered);
    }
}

}  // namespace

void render(const PicturePlan& plan, const PictureCache& cache, int size, float* planar) {
    const std::ptrdiff_t pixels = std::ptrdiff_t{size} * size;
    for (const Tile& tile : plan.tiles) {
        const CachedPicture::Level& first = cache[tile.picture].level[0];
        paint({.tile = tile,
               .picture = cache.view(tile.picture, tile.level),
               .width = static_cast<float>(first.width),
               .height = static_cast<float>(first.height),
               .planes = {{{planar, size}, {planar + pixels, size}, {planar + 2 * pixels, size}}},
               .size = size});
    }
}

}  // namespace caplamp::training
