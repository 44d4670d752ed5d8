// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>
#include <zmq.hpp>

#include "transport/wire.hpp"

namespace caplamp::transport {

/// What a server checks in a terminal's messages before it acts on them. Each returns why not, or
/// nothing when all is well.

/// For a server with this model and these classes.
std::string problem_with(const Hello& hello, const std::string& model,
                         const std::vector<std::string>& classes);
/// For a server that offers this.
std::string problem_with(const Plan& plan, const Welcome& offer);
/// Whether the plan's frames can only be read with its scale table. `plan` has no problem.
bool names_scales(const Plan& plan);

/// Holds the parts behind a frame's header against the header and its plan.
std::string problem_with(const FrameHeader& header, const Plan& plan,
                         const std::vector<zmq::message_t>& parts);

}  // namespace caplamp::transport
