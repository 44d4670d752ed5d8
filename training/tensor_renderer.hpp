// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "training/batch.hpp"
#include "training/picture_cache.hpp"
#include "training/picture_plan.hpp"

namespace caplamp::training {

/// render() for a whole batch as tensor operations on one device, to which the cache is copied.
class TensorRenderer {
public:
    TensorRenderer(const PictureCache& cache, int size, torch::Device device);

    /// [N, 3, size, size] float, RGB, 0..1.
    torch::Tensor render(std::span<const PicturePlan> plans) const;

private:
    torch::Tensor render_some(std::span<const PicturePlan> plans) const;

    const PictureCache& cache_;
    int size_;
    torch::Tensor pixels_;  // [all pixels of the cache, 3] uint8
};

}  // namespace caplamp::training
