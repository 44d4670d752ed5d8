// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "training/batch.hpp"

namespace caplamp::training {

/// Writes the pictures of a batch side by side as one JPEG, boxes drawn in a colour per class;
/// a dot of that colour marks each cell that does not label the class. Throws Error when it cannot
/// be written.
void write_preview(const Batch& batch, const std::filesystem::path& jpeg);

}  // namespace caplamp::training
