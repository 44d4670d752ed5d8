// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "evaluation/picture_result.hpp"
#include "evaluation/protocol.hpp"

namespace caplamp::evaluation {

/// The five protocols once more, written the slow way after what their Python does, array by
/// array. Shares no code with the folder it checks. Nothing when the class has no truth.
std::optional<double> naive_average_precision(const std::vector<PictureResult>& pictures,
                                              int class_id, Protocol protocol, double iou,
                                              double smallest_area = 0, double largest_area = 1e10);

}  // namespace caplamp::evaluation
