// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <string_view>
#include <thread>

namespace caplamp::test {

/// One caller's line. Every wait ends with the server.
class Call {
public:
    Call(int socket, int wake) : socket_(socket), wake_(wake) {}

    /// What has come, at least a byte; empty when the caller hung up or the server ends.
    std::string receive();
    /// False when the caller hung up.
    bool send(std::string_view bytes);
    /// Keeps the line open in silence until the caller hangs up or the server ends.
    void stay_silent();

private:
    int socket_;
    int wake_;
};

/// A server on the loopback interface that answers one caller at a time on a thread of its own.
class LoopbackServer {
public:
    explicit LoopbackServer(std::function<void(Call&)> answer);
    ~LoopbackServer();
    LoopbackServer(const LoopbackServer&) = delete;
    LoopbackServer& operator=(const LoopbackServer&) = delete;

    int port() const { return port_; }
    std::string address(const std::string& scheme) const;
    int calls() const { return calls_; }

private:
    void serve(const std::stop_token& stop);

    std::function<void(Call&)> answer_;
    int listener_ = -1;
    int wake_ = -1;  // eventfd that ends every wait
    int port_ = 0;
    std::atomic<int> calls_ = 0;
    std::jthread thread_;
};

}  // namespace caplamp::test
