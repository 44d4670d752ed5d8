// SPDX-License-Identifier: Apache-2.0
#include "training/picture_planner.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/error.hpp"
#include "training/counter_random.hpp"

namespace caplamp::training {
namespace {

struct Bounds {
    double x1 = 0, y1 = 0, x2 = 0, y2 = 0;

    double width() const { return x2 - x1; }
    double height() const { return y2 - y1; }
    double area() const { return std::max(0.0, width()) * std::max(0.0, height()); }
};

// Of the image of a source rectangle.
Bounds transformed(const Affine& to_output, const Bounds& source) {
    Bounds result{INFINITY, INFINITY, -INFINITY, -INFINITY};
    for (const double x : {source.x1, source.x2})
        for (const double y : {source.y1, source.y2}) {
            const double u = to_output.a * x + to_output.b * y + to_output.c;
            const double v = to_output.d * x + to_output.e * y + to_output.f;
            result = {std::min(result.x1, u), std::min(result.y1, v), std::max(result.x2, u),
                      std::max(result.y2, v)};
        }
    return result;
}

Bounds cut(const Bounds& box, const Area& area) {
    return {std::max(box.x1, area.left + 0.0), std::max(box.y1, area.top + 0.0),
            std::min(box.x2, area.right + 0.0), std::min(box.y2, area.bottom + 0.0)};
}

// The level whose pixels are the output's or up to twice as fine.
int level_for(double scale) {
    const int level = static_cast<int>(std::floor(std::log2(1 / scale)));
    return std::clamp(level, 0, static_cast<int>(CachedPicture::levels) - 1);
}

// Turns hues about the grey axis (Rodrigues' rotation): r, g, b change places by shares.
std::array<float, 9> hue_turn(double angle) {
    const double cosine = std::cos(angle);
    const double same = cosine + (1 - cosine) / 3;
    const double left = (1 - cosine) / 3 - std::sin(angle) / std::numbers::sqrt3;
    const double right = (1 - cosine) / 3 + std::sin(angle) / std::numbers::sqrt3;
    const auto s = static_cast<float>(same);
    const auto l = static_cast<float>(left);
    const auto r = static_cast<float>(right);
    return {s, l, r, r, s, l, l, r, s};
}

ColourChange random_colour(const AugmentationConfig& config, CounterRandom& random) {
    ColourChange colour;
    colour.mix = hue_turn(random.symmetric() * config.hue * 2 * std::numbers::pi);
    colour.saturation = static_cast<float>(1 + random.symmetric() * config.saturation);
    colour.gain = static_cast<float>(1 + random.symmetric() * config.value);
    if (random.chance(config.grey)) {
        constexpr float r = 0.299F, g = 0.587F, b = 0.114F;  // BT.601 luma
        colour.mix = {r, g, b, r, g, b, r, g, b};
    }
    if (random.chance(config.low_light)) {
        colour.gain *= static_cast<float>(random.uniform(0.2, 0.5));
        colour.noise = static_cast<float>(random.uniform(0.01, 0.03));  // what the sensor adds
    }
    if (random.chance(config.noise)) colour.noise = static_cast<float>(random.uniform(0.01, 0.06));
    if (random.chance(config.blur)) colour.blur = 1 + static_cast<int>(random.below(3));
    colour.noise_seed = static_cast<std::uint32_t>(random.bits());
    return colour;
}

// A place for `extent` pixels in low..high: inside where it fits, else covering it wholly.
double random_centre(double extent, int low, int high, CounterRandom& random) {
    return random.uniform(low + extent / 2, high - extent / 2);
}

double log_uniform(double low, double high, CounterRandom& random) {
    return low * std::pow(high / low, random.uniform());
}

// Lines that part 0..size in n; each moves by up to `shift` of its distance to the next.
std::vector<int> grid_lines(int n, int size, double shift, CounterRandom& random) {
    std::vector<int> lines{0};
    for (int i = 1; i < n; ++i)
        lines.push_back(static_cast<int>(std::lround(size * (i + shift * random.symmetric()) / n)));
    lines.push_back(size);
    return lines;
}

std::vector<Area> grid(int n, int size, double shift, CounterRandom& random) {
    const std::vector<int> x = grid_lines(n, size, shift, random);
    const std::vector<int> y = grid_lines(n, size, shift, random);
    std::vector<Area> areas;
    for (std::size_t row = 0; row + 1 < y.size(); ++row)
        for (std::size_t column = 0; column + 1 < x.size(); ++column)
            areas.push_back({x[column], y[row], x[column + 1], y[row + 1]});
    return areas;
}

// Cells that the bounds touch, even in part, no longer label the class.
void clear_cells(const Bounds& bounds, int class_id, int size,
                 std::vector<std::uint8_t>& labelled) {
    const int cells = size / label_stride;
    constexpr double touch = 1e-3;  // pixels; rounding puts an edge on either side of a cell's
    const int left = std::max(0, static_cast<int>(std::floor((bounds.x1 + touch) / label_stride)));
    const int top = std::max(0, static_cast<int>(std::floor((bounds.y1 + touch) / label_stride)));
    const int right =
        std::min(cells, static_cast<int>(std::ceil((bounds.x2 - touch) / label_stride)));
    const int bottom =
        std::min(cells, static_cast<int>(std::ceil((bounds.y2 - touch) / label_stride)));
    for (int y = top; y < bottom; ++y)
        for (int x = left; x < right; ++x)
            labelled[static_cast<std::size_t>((class_id * cells + y) * cells + x)] = 0;
}

}  // namespace

Affine Affine::inverse() const {
    const double determinant = a * e - b * d;
    Affine r{e / determinant, -b / determinant, 0, -d / determinant, a / determinant, 0};
    r.c = -(r.a * c + r.b * f);
    r.f = -(r.d * c + r.e * f);
    return r;
}

PicturePlanner::PicturePlanner(const std::vector<DataSet>& sets, const PictureCache& cache,
                               int size)
    : cache_(cache), size_(size) {
    if (size < 32 || size % 32 != 0)
        throw Error("training: the size must be a multiple of 32, is " + std::to_string(size));
    for (const DataSet& set : sets)
        for (const Sample& sample : set.samples) {
            samples_.push_back(&sample);
            sets_.push_back(&set);
        }
    if (samples_.empty() || samples_.size() != cache.size())
        throw Error("training: " + std::to_string(samples_.size()) + " pictures are labelled, " +
                    std::to_string(cache.size()) + " are in the cache");
}

PicturePlan PicturePlanner::empty_plan() const {
    const auto cells = static_cast<std::size_t>(size_ / label_stride);
    PicturePlan plan;
    plan.labelled.assign(sets_.front()->labelled.size() * cells * cells, 1);
    return plan;
}

PicturePlan PicturePlanner::augmented(const AugmentationConfig& config, const Draw& draw) const {
    // Tiny or nearly hidden objects cannot be learnt from; what is left of them is not background
    // either, see add().
    constexpr Limits limits{.least_side = 2, .least_area = 0.15};
    CounterRandom random({config.seed, draw.step, draw.index});
    const bool mosaic = draw.mosaic && random.chance(config.mosaic);
    const bool small = mosaic && random.chance(config.small);
    const std::vector<Area> areas = grid(small ? 4 : mosaic ? 2 : 1, size_, 0.5, random);
    const std::size_t sure = random.below(areas.size());
    PicturePlan plan = empty_plan();
    for (std::size_t i = 0; i < areas.size(); ++i) {
        const std::uint32_t picture =
            i == sure ? draw.picture : draw.epoch[random.below(draw.epoch.size())];
        const double scale = small ? log_uniform(config.small_scale_low, config.scale_low, random)
                                   : log_uniform(config.scale_low, config.scale_high, random);
        add(random_tile(config, picture, areas[i], scale, random), limits, plan);
    }
    return plan;
}

Tile PicturePlanner::random_tile(const AugmentationConfig& config, std::uint32_t picture,
                                 const Area& area, double scale, CounterRandom& random) const {
    const CachedPicture::Level& level = cache_[picture].level[0];
    const double factor = scale * size_ / std::max(level.height, level.width);
    const double degree = std::numbers::pi / 180;
    const double angle = random.symmetric() * config.rotate_degrees * degree;
    const double shear = std::tan(random.symmetric() * config.shear_degrees * degree);
    const double mirror = random.chance(config.flip) ? -1 : 1;
    const double cosine = factor * std::cos(angle);
    const double sine = factor * std::sin(angle);
    Affine to_output{mirror * cosine, shear * cosine - sine, 0,
                     mirror * sine,   shear * sine + cosine, 0};
    const double u = random_centre(level.width * factor, area.left, area.right, random);
    const double v = random_centre(level.height * factor, area.top, area.bottom, random);
    to_output.c = u - (to_output.a * level.width + to_output.b * level.height) / 2;
    to_output.f = v - (to_output.d * level.width + to_output.e * level.height) / 2;
    return {.picture = picture,
            .area = area,
            .to_source = to_output.inverse(),
            .level = level_for(factor),
            .colour = random_colour(config, random)};
}

PicturePlan PicturePlanner::letterboxed(std::uint32_t picture) const {
    const CachedPicture& cached = cache_[picture];
    const CachedPicture::Level& level = cached.level[0];
    // From the source's sides, so that a cached, shrunk picture lands where the camera's would.
    const double ratio =
        static_cast<double>(size_) / std::max(cached.source_height, cached.source_width);
    const double width = std::max(1.0, std::round(cached.source_width * ratio));
    const double height = std::max(1.0, std::round(cached.source_height * ratio));
    const double left = std::round((size_ - width) / 2 - 0.1);
    const double top = std::round((size_ - height) / 2 - 0.1);
    const Affine to_output{width / level.width, 0, left, 0, height / level.height, top};
    PicturePlan plan = empty_plan();
    add({.picture = picture,
         .area = {0, 0, size_, size_},
         .to_source = to_output.inverse(),
         .level = level_for(width / level.width),
         .colour = {}},
        {}, plan);
    return plan;
}

void PicturePlanner::add(const Tile& tile, const Limits& limits, PicturePlan& plan) const {
    const CachedPicture::Level& level = cache_[tile.picture].level[0];
    const DataSet& set = set_of(tile.picture);
    const Affine to_output = tile.to_source.inverse();
    const double width = level.width;
    const double height = level.height;
    const Bounds picture = cut(transformed(to_output, {0, 0, width, height}), tile.area);
    for (std::size_t c = 0; c < set.labelled.size(); ++c)
        if (!set.labelled[c]) clear_cells(picture, static_cast<int>(c), size_, plan.labelled);
    for (const LabelBox& box : sample(tile.picture).boxes) {
        const Bounds whole = transformed(
            to_output, {(box.cx - box.width / 2) * width, (box.cy - box.height / 2) * height,
                        (box.cx + box.width / 2) * width, (box.cy + box.height / 2) * height});
        const Bounds seen = cut(whole, tile.area);
        if (seen.area() <= 0) continue;
        if (seen.width() < limits.least_side || seen.height() < limits.least_side ||
            seen.area() < limits.least_area * whole.area()) {
            clear_cells(seen, box.class_id, size_, plan.labelled);
            continue;
        }
        plan.boxes.push_back({.class_id = box.class_id,
                              .x1 = static_cast<float>(seen.x1),
                              .y1 = static_cast<float>(seen.y1),
                              .x2 = static_cast<float>(seen.x2),
                              .y2 = static_cast<float>(seen.y2),
                              .weight = set.box_weight[static_cast<std::size_t>(box.class_id)]});
    }
    plan.tiles.push_back(tile);
}

}  // namespace caplamp::training
