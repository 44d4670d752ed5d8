// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

#include "core/detection.hpp"
#include "training/batch.hpp"
#include "training/data_set.hpp"
#include "training/picture_cache.hpp"
#include "training/picture_planner.hpp"

namespace caplamp::training {

/// Makes training batches. A batch depends on (seed, step, count, mosaic) alone, so a resumed run
/// sees the same ones. One thread at a time; the sets and the cache must outlive it.
class BatchSource {
public:
    /// `cache` holds pictures_of(sets). On a CUDA device the cache is copied there once.
    BatchSource(const std::vector<DataSet>& sets, const PictureCache& cache,
                const AugmentationConfig& config, torch::Device device);
    ~BatchSource();

    /// Pictures step*count .. step*count+count-1 of the endless sequence of epochs.
    Batch training_batch(std::uint64_t step, int count, bool mosaic);
    std::uint64_t pictures_per_epoch() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

/// What the metric needs of one validation picture.
struct ValidationPicture {
    std::filesystem::path file;
    Detections truth;            // source pixels, score 1
    std::vector<bool> labelled;  // per class; detections of the others do not count
    double scale_x = 1;          // network pixels = source pixels * scale + offset
    double scale_y = 1;
    double left = 0;
    double top = 0;
    int source_width = 0;
    int source_height = 0;

    /// A box in network pixels back in source pixels, cut to the picture.
    Box to_source(const Box& box) const;
};

struct ValidationBatch {
    Batch batch;
    std::vector<ValidationPicture> pictures;
};

/// Letterboxed pictures (value 114, centred, size x size) without augmentation, in order.
class ValidationSource {
public:
    ValidationSource(const std::vector<DataSet>& sets, const PictureCache& cache, int size,
                     torch::Device device);
    ~ValidationSource();

    std::size_t size() const;
    /// Pictures first .. first+count-1; fewer at the end.
    ValidationBatch batch(std::size_t first, std::size_t count) const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace caplamp::training
