// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>
#include <zmq.hpp>

#include "transport/curve.hpp"
#include "transport/envelope.hpp"

namespace caplamp::test {

/// A ZeroMQ peer with keys and a routing id of its choice that says what it likes.
class KeyedPeer {
public:
    KeyedPeer(const std::string& server, const transport::SecretKey& own,
              const transport::PublicKey& server_key, const std::string& routing_id = "") {
        socket_.set(zmq::sockopt::linger, 0);
        socket_.set(zmq::sockopt::reconnect_ivl, 5);
        if (!routing_id.empty()) socket_.set(zmq::sockopt::routing_id, routing_id);
        transport::encrypt_as_terminal(socket_, own, server_key);
        socket_.connect(server);
    }

    void say(transport::Envelope envelope) { transport::send(socket_, envelope); }
    void say_raw(const std::string& bytes) {
        socket_.send(zmq::buffer(bytes), zmq::send_flags::none);
    }
    /// The next message that comes.
    transport::Message hear() { return *hear_within(std::chrono::hours(1)); }
    /// Nothing when none comes in that time.
    std::optional<transport::Message> hear_within(std::chrono::milliseconds time) {
        std::vector<zmq::pollitem_t> waits{{socket_.handle(), 0, ZMQ_POLLIN, 0}};
        transport::wait_for(waits, time);
        auto received = transport::receive(socket_, false);
        if (!received || !received->envelope) return std::nullopt;
        return std::move(received->envelope->message);
    }

private:
    zmq::context_t context_;
    zmq::socket_t socket_{context_, zmq::socket_type::dealer};
};

}  // namespace caplamp::test
