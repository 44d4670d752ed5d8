// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "app/detect_config.hpp"
#include "app/model.hpp"
#include "app/result_stream.hpp"
#include "capture/source.hpp"

namespace caplamp::app {

struct DetectOutcome {
    std::string summary;    // three lines for the user
    std::string complaint;  // why the source was not seen whole; empty when it was
};

/// Whether what the network has no time for is dropped.
bool keeps_newest(Pace pace, const capture::SourceInfo& source);

/// Writes all results of a stream into the config's outputs, which get their names only when they
/// are whole. A source that breaks in mid-stream closes the outputs too, with a last line that says
/// so. `command` and `more` are for the progress line. Throws Error when an output cannot be
/// written, or when the source breaks before its first result.
DetectOutcome run_stream(ResultStream& stream, const capture::SourceInfo& source,
                         const DetectConfig& config, const Model& model, const std::string& command,
                         std::function<std::string()> more = {});

}  // namespace caplamp::app
