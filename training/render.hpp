// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "training/picture_cache.hpp"
#include "training/picture_plan.hpp"

namespace caplamp::training {

/// Paints the planned picture into `planar`: 3 x size x size floats, RGB, 0..1. Plain loops for the
/// CPU; render_tensors.hpp does the same with tensor operations.
void render(const PicturePlan& plan, const PictureCache& cache, int size, float* planar);

}  // namespace caplamp::training
