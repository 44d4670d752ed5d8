// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>
#include <zmq.hpp>

#include "transport/allow_list.hpp"
#include "transport/key_file.hpp"

namespace caplamp::transport {

/// What a server encrypts with, and whom it lets in.
struct ServerKeys {
    SecretKey own;
    AllowList allowed{};
};

/// What a terminal encrypts with, and which servers it believes.
struct TerminalKeys {
    SecretKey own;
    std::vector<PublicKey> servers;  // one for all, or one for each in their order
};

/// Before the socket binds: it takes only peers that a Doorkeeper of its context lets in. Whoever
/// reads from it must check Received::key, which only these have.
void encrypt_as_server(zmq::socket_t& socket, const SecretKey& own);
/// Before the socket connects: it talks only to the owner of `server`.
void encrypt_as_terminal(zmq::socket_t& socket, const SecretKey& own, const PublicKey& server);

}  // namespace caplamp::transport
