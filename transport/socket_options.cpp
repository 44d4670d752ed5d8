// SPDX-License-Identifier: Apache-2.0
#include "transport/socket_options.hpp"

#include <charconv>

#include "core/error.hpp"

namespace caplamp::transport {
namespace {

// Credits bound what is on the way; these are the second line for a peer that ignores them.
constexpr int queued_messages = 64;
constexpr int buffer_bytes = 4 << 20;

bool is_port(std::string_view text) {
    unsigned port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    return error == std::errc() && end == text.data() + text.size() && port <= 65535;
}

}  // namespace

void set_common_options(zmq::socket_t& socket, std::chrono::milliseconds patience) {
    const int silence = static_cast<int>(patience.count());
    socket.set(zmq::sockopt::linger, 200);  // a goodbye may still leave
    socket.set(zmq::sockopt::sndhwm, queued_messages);
    socket.set(zmq::sockopt::rcvhwm, queued_messages);
    socket.set(zmq::sockopt::sndbuf, buffer_bytes);
    socket.set(zmq::sockopt::rcvbuf, buffer_bytes);
    socket.set(zmq::sockopt::heartbeat_ivl, silence / 3);
    socket.set(zmq::sockopt::heartbeat_timeout, silence);
    socket.set(zmq::sockopt::heartbeat_ttl, silence);
    socket.set(zmq::sockopt::handshake_ivl, silence);
    socket.set(zmq::sockopt::tcp_keepalive, 1);
}

void check_address(const std::string& address) {
    if (address.starts_with("ipc://") && address.size() > 6) return;
    const std::size_t colon = address.rfind(':');
    if (address.starts_with("tcp://") && colon > 6 && is_port(address.substr(colon + 1))) return;
    throw Error(address + ": is not an address such as tcp://192.0.2.7:7007");
}

bool is_on_network(const std::string& address) { return address.starts_with("tcp://"); }

}  // namespace caplamp::transport
