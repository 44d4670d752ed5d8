// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <zmq.hpp>

namespace caplamp::transport {

/// What both ends set before they connect or bind: short lingering, bounded queues and buffers,
/// ZMTP heartbeats, TCP keep-alive. `patience`: silence after which a connection counts as dead.
void set_common_options(zmq::socket_t& socket, std::chrono::milliseconds patience);

/// Throws Error, naming the address, unless it is tcp://HOST:PORT or ipc://FILE.
void check_address(const std::string& address);

/// Whether the address is on a network, whose other users could listen and speak too.
bool is_on_network(const std::string& address);

}  // namespace caplamp::transport
