// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <zmq.hpp>

namespace caplamp::transport {

/// Why a server did not take a connection.
enum class HandshakeFailure {
    key_denied,   // it does not let our key in
    other_words,  // one side wants keys and the other does not, or the answer was not the server's
    broken_off,   // it closed the connection without a word, as for a key it cannot read
};

/// Hears of the failed handshakes of a socket that connects: ZeroMQ tells them to nobody else. For
/// the socket's own thread; made before the socket connects, destroyed before the socket.
class HandshakeWatch {
public:
    /// `number`: another one for each watch of the context.
    HandshakeWatch(zmq::context_t& context, zmq::socket_t& watched, std::uint64_t number);
    ~HandshakeWatch();
    HandshakeWatch(const HandshakeWatch&) = delete;
    HandshakeWatch& operator=(const HandshakeWatch&) = delete;

    /// Readable when next() has something.
    void* handle() { return events_.handle(); }
    /// The next failure; nothing when none waits.
    std::optional<HandshakeFailure> next();

private:
    zmq::socket_t& watched_;
    zmq::socket_t events_;
};

}  // namespace caplamp::transport
