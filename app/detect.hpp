// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stop_token>

#include "app/detect_config.hpp"
#include "app/run_stream.hpp"

namespace caplamp::app {

/// `caplamp detect`: runs the source through the detector into the outputs, as run_stream() does. A
/// stop ends it early with outputs that hold everything until then. Throws Error when it cannot
/// begin, or when an output cannot be written.
DetectOutcome detect(const DetectConfig& config, const std::stop_token& stop);

}  // namespace caplamp::app
