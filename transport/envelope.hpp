// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>
#include <zmq.hpp>

#include "transport/key_file.hpp"
#include "transport/wire.hpp"

namespace caplamp::transport {

/// A message and the parts behind it.
struct Envelope {
    Message message;
    std::vector<zmq::message_t> parts{};
};

/// A part that takes the bytes over without copying them.
zmq::message_t part_of(std::vector<std::uint8_t> bytes);

inline std::span<const std::uint8_t> bytes_of(const zmq::message_t& part) {
    return {part.data<std::uint8_t>(), part.size()};
}

/// Sends all or nothing; false when the socket has no room now or the peer is gone. `to` is the
/// routing id in front, for a ROUTER. Emptied parts have been sent.
bool send(zmq::socket_t& socket, Envelope& envelope, const zmq::message_t* to = nullptr);

/// Returns when one of the items is ready, or after `longest`, or for no reason at all.
void wait_for(std::span<zmq::pollitem_t> items, std::chrono::milliseconds longest);

/// All parts of the next message; none when no message waits. More parts than any message of ours
/// has are read and thrown away.
std::vector<zmq::message_t> receive_parts(zmq::socket_t& socket);

/// What came over the network: with `from` (the routing id) on a ROUTER.
struct Received {
    zmq::message_t from;
    PublicKey key;                     // that a Doorkeeper let in; empty without one
    std::optional<Envelope> envelope;  // nothing when it is not a message of ours
};

/// Nothing when no message waits. A message with too many parts counts as none of ours.
std::optional<Received> receive(zmq::socket_t& socket, bool with_routing_id);

}  // namespace caplamp::transport
