// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stop_token>
#include <string>

#include "app/detect_config.hpp"

namespace caplamp::app {

struct DetectOutcome {
    std::string summary;    // three lines for the user
    std::string complaint;  // why the source was not seen whole; empty when it was
};

/// `caplamp detect`: runs the source through the detector into the outputs, which get their names
/// only when they are whole. A stop ends it early with outputs that hold everything until then. A
/// source that breaks in mid-stream closes the outputs too, with a last line that says so. Throws
/// Error when it cannot begin, or when an output cannot be written.
DetectOutcome detect(const DetectConfig& config, const std::stop_token& stop);

}  // namespace caplamp::app
