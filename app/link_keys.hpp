// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>

#include "app/link_config.hpp"
#include "transport/allow_list.hpp"
#include "transport/curve.hpp"

namespace caplamp::app {

/// A server's key, and the file that says whom it lets in.
struct ServerGate {
    transport::SecretKey own;
    transport::AllowListFile allowed;
};

/// Nothing when the link is not to be encrypted. Throws Error when it must be and no keys are
/// named, when only half of them are, or when a file is wrong.
std::optional<ServerGate> read_server_gate(const ServerConfig& config);
/// The same for a terminal.
std::optional<transport::TerminalKeys> read_terminal_keys(const TerminalLinkConfig& config);

}  // namespace caplamp::app
