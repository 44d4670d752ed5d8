// SPDX-License-Identifier: Apache-2.0
#include "transport/handshake_watch.hpp"

#include <cstring>
#include <string>
#include <vector>

#include "transport/envelope.hpp"

namespace caplamp::transport {

HandshakeWatch::HandshakeWatch(zmq::context_t& context, zmq::socket_t& watched,
                               std::uint64_t number)
    : watched_(watched), events_(context, zmq::socket_type::pair) {
    const std::string address = "inproc://handshakes-" + std::to_string(number);
    constexpr int failures = ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |
                             ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH;
    if (zmq_socket_monitor(watched_.handle(), address.c_str(), failures) != 0) {
        throw zmq::error_t();
    }
    events_.set(zmq::sockopt::linger, 0);
    events_.connect(address);
}

HandshakeWatch::~HandshakeWatch() {
    // ZeroMQ's threads would wait for ever for a reader that has gone.
    zmq_socket_monitor(watched_.handle(), nullptr, 0);
}

std::optional<HandshakeFailure> HandshakeWatch::next() {
    const std::vector<zmq::message_t> parts = receive_parts(events_);
    std::uint16_t event = 0;
    if (parts.empty() || parts.front().size() < sizeof event) return std::nullopt;
    std::memcpy(&event, parts.front().data(), sizeof event);
    switch (event) {
        case ZMQ_EVENT_HANDSHAKE_FAILED_AUTH:
            return HandshakeFailure::key_denied;
        case ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL:
            return HandshakeFailure::other_words;
        default:
            return HandshakeFailure::broken_off;
    }
}

}  // namespace caplamp::transport
