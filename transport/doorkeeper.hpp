// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>
#include <zmq.hpp>

#include "transport/allow_list.hpp"
#include "transport/wakeup.hpp"

namespace caplamp::transport {

/// Answers ZeroMQ's question whether a key may come in (ZAP, rfc.zeromq.org/spec/27), in a thread
/// of its own. What comes in carries its key as the property "User-Id". Methods may be called from
/// any thread.
class Doorkeeper {
public:
    /// For the sockets of `context` that are made after it and closed before it. One a context.
    Doorkeeper(zmq::context_t& context, AllowList allowed);
    ~Doorkeeper();
    Doorkeeper(const Doorkeeper&) = delete;
    Doorkeeper& operator=(const Doorkeeper&) = delete;

    /// Those inside already stay; see allows().
    void allow(AllowList allowed);
    bool allows(const PublicKey& key) const;
    /// How often somebody was not let in.
    std::uint64_t denied() const { return denied_; }

private:
    void run(const std::stop_token& stop);
    void answer();

    zmq::socket_t socket_;
    Wakeup wakeup_;
    std::atomic<std::uint64_t> denied_ = 0;
    mutable std::mutex mutex_;  // of allowed_
    AllowList allowed_;
    std::jthread thread_;
};

}  // namespace caplamp::transport
