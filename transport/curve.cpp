// SPDX-License-Identifier: Apache-2.0
#include "transport/curve.hpp"

namespace caplamp::transport {

void encrypt_as_server(zmq::socket_t& socket, const SecretKey& own) {
    socket.set(zmq::sockopt::curve_server, true);
    socket.set(zmq::sockopt::curve_secretkey, own.text);
    // Without a doorkeeper ZeroMQ would let everybody in (to forbid it, ZMQ_ZAP_ENFORCE_DOMAIN, is
    // a draft that Debian's build lacks). Their messages would carry no key.
    socket.set(zmq::sockopt::zap_domain, "caplamp");
}

void encrypt_as_terminal(zmq::socket_t& socket, const SecretKey& own, const PublicKey& server) {
    socket.set(zmq::sockopt::curve_serverkey, server.text);
    socket.set(zmq::sockopt::curve_publickey, public_key_of(own).text);
    socket.set(zmq::sockopt::curve_secretkey, own.text);
}

}  // namespace caplamp::transport
