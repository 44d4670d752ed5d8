// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stop_token>

#include "app/link_config.hpp"
#include "app/run_stream.hpp"

namespace caplamp::app {

/// `caplamp terminal`: the network up to the cut here, the rest on a server; the outputs are those
/// of detect(). While no server answers, frames are finished here and marked `degraded`. Throws
/// Error when it cannot begin, or when an output cannot be written.
DetectOutcome run_terminal(const TerminalConfig& config, const std::stop_token& stop);

}  // namespace caplamp::app
