// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/detection.hpp"
#include "training/data_set.hpp"
#include "training/picture_cache.hpp"

namespace caplamp::training {

/// Probabilities are 0..1; lengths are shares of the training size; colours as Ultralytics has
/// them.
struct AugmentationConfig {
    int size = 640;  // side of a training picture, a multiple of 32
    std::uint64_t seed = 1;
    std::uint64_t epoch_pictures = 0;  // 0: as many as the sets hold
    double mosaic = 1.0;               // probability of several pictures in one
    double scale_low = 0.5;            // of the letterboxed size
    double scale_high = 1.5;
    double small = 0.15;            // probability of a 3x3 mosaic of pictures shrunk further
    double small_scale_low = 0.25;  // surveillance heads are 14 pixels, these sets' are 48
    double translate = 0.1;         // of a picture that stands alone
    double rotate_degrees = 0;
    double shear_degrees = 0;
    double flip = 0.5;   // left-right
    double hue = 0.015;  // of the colour circle
    double saturation = 0.7;
    double value = 0.4;
    double grey = 0.03;  // infrared cameras
    double low_light = 0.02;
    double blur = 0.03;
    double noise = 0.03;
    double least_side = 2;     // pixels; smaller boxes are dropped
    double least_area = 0.15;  // share of a box left after cropping; below it is dropped
};

/// Output pixel centres to source pixel centres: x = a*u + b*v + c, y = d*u + e*v + f, both in
/// continuous coordinates of level 0 (a pixel's centre is at +0.5).
struct Affine {
    double a = 1, b = 0, c = 0;
    double d = 0, e = 1, f = 0;
};

/// Colour of one tile, after sampling: mix, then saturation, then gain, then noise, then clamp.
struct ColourChange {
    float mix[9] = {1, 0, 0, 0, 1, 0, 0, 0, 1};  // RGB to RGB: hue turned, or grey
    float saturation = 1;                        // factor of the distance to the largest channel
    float gain = 1;
    float noise = 0;  // standard deviation, of 0..1
    int blur = 0;     // passes of the 3x3 binomial filter
    std::uint32_t noise_seed = 0;
};

/// A rectangle of the output and the picture that fills it; value 114 where the picture ends.
struct Tile {
    std::uint32_t picture = 0;  // index into the cache
    int left = 0;
    int top = 0;
    int right = 0;   // one past the last column
    int bottom = 0;  // one past the last row
    Affine to_source;
    int level = 0;  // of the cached picture
    ColourChange colour;
};

struct PlannedBox {
    int class_id = 0;
    float x1 = 0, y1 = 0, x2 = 0, y2 = 0;  // output pixels
    float weight = 1;
};

/// One output picture: its tiles cover it without overlap.
struct PicturePlan {
    std::vector<Tile> tiles;
    std::vector<PlannedBox> boxes;
    std::vector<std::uint8_t> labelled;  // [classes, size/8, size/8]
};

/// Plans output pictures from numbers alone; nothing here touches a pixel.
class PicturePlanner {
public:
    PicturePlanner(const std::vector<DataSet>& sets, const PictureCache& cache, int size,
                   double least_side, double least_area);

    /// A random one. `pictures` holds what is to be seen: its first entry surely, the further ones
    /// as mosaic tiles. Depends on (config.seed, step, index) and `pictures` alone.
    struct Draw {
        std::uint64_t step = 0;
        std::uint64_t index = 0;
        bool mosaic = true;
    };
    PicturePlan augmented(const AugmentationConfig& config, const Draw& draw,
                          std::span<const std::uint32_t> epoch, std::uint32_t first) const;

    /// The picture as Ultralytics letterboxes it: rounded sides, centred.
    PicturePlan letterboxed(std::uint32_t picture) const;
};

}  // namespace caplamp::training
