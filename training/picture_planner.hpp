// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "training/data_set.hpp"
#include "training/picture_cache.hpp"
#include "training/picture_plan.hpp"

namespace caplamp::training {

class CounterRandom;

/// Names without a unit are probabilities 0..1. Defaults of the colours are Ultralytics'.
struct AugmentationConfig {
    int size = 640;  // side of a training picture in pixels, a multiple of 32
    std::uint64_t seed = 1;
    std::uint64_t epoch_pictures = 0;  // 0: as many as the sets hold
    double mosaic = 1.0;               // four pictures in one
    double scale_low = 0.5;            // of the letterboxed size; drawn evenly in the logarithm
    double scale_high = 1.5;
    double small = 0.1;             // of the mosaics: sixteen pictures, shrunk below scale_low, as
    double small_scale_low = 0.25;  // a surveillance head has 14 pixels, one of these sets 48
    double rotate_degrees = 0;      // at most, both ways
    double shear_degrees = 0;
    double flip = 0.5;        // left-right
    double hue = 0.015;       // at most, as a share of the colour circle
    double saturation = 0.7;  // at most, change of the factor 1
    double value = 0.4;
    double grey = 0.03;  // infrared cameras
    double low_light = 0.02;
    double blur = 0.03;
    double noise = 0.03;
};

/// Decides what an output picture shows and which boxes it has, from numbers alone: nothing here
/// touches a pixel. The sets and the cache must outlive it.
class PicturePlanner {
public:
    /// `cache` holds pictures_of(sets).
    PicturePlanner(const std::vector<DataSet>& sets, const PictureCache& cache, int size);

    struct Draw {
        std::uint64_t step = 0;
        std::uint64_t index = 0;               // in the batch
        std::uint32_t picture = 0;             // that is surely there
        std::span<const std::uint32_t> epoch;  // that further mosaic tiles are drawn from
        bool mosaic = true;
    };
    /// Depends on the config, the draw and nothing else.
    PicturePlan augmented(const AugmentationConfig& config, const Draw& draw) const;

    /// As Ultralytics letterboxes: rounded sides, centred.
    PicturePlan letterboxed(std::uint32_t picture) const;

    const Sample& sample(std::uint32_t picture) const { return *samples_[picture]; }
    const DataSet& set_of(std::uint32_t picture) const { return *sets_[picture]; }

private:
    /// What makes a plan's boxes too poor to learn from.
    struct Limits {
        double least_side = 0;  // pixels
        double least_area = 0;  // share that cropping left
    };
    Tile random_tile(const AugmentationConfig& config, std::uint32_t picture, const Area& area,
                     double scale, CounterRandom& random) const;
    void add(const Tile& tile, const Limits& limits, PicturePlan& plan) const;
    PicturePlan empty_plan() const;

    const PictureCache& cache_;
    int size_;
    std::vector<const Sample*> samples_;  // per picture of the cache
    std::vector<const DataSet*> sets_;
};

}  // namespace caplamp::training
