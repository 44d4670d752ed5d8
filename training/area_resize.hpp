// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "training/picture_cache.hpp"

namespace caplamp::training {

/// Shrinks by averaging: every result pixel is the mean of the source area it covers, edges counted
/// by their share. Writes interleaved RGB of height x width, neither above the source's.
void area_resize(PictureView source, int height, int width, std::uint8_t* result);

}  // namespace caplamp::training
