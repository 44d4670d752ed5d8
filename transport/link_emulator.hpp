// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <poll.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "transport/emulated_connection.hpp"
#include "transport/link_conditions.hpp"
#include "transport/shaper.hpp"

namespace caplamp::transport {

struct LinkEmulatorConfig {
    std::uint16_t listen = 0;        // port at 127.0.0.1; 0: any free one
    std::string host = "127.0.0.1";  // of the server it leads to
    std::uint16_t port = 7007;
    LinkConditions conditions{};
};

struct LinkEmulatorCounts {
    std::size_t connections = 0;   // open now
    std::uint64_t accepted = 0;    // ever
    std::uint64_t up_bytes = 0;    // delivered to the server
    std::uint64_t down_bytes = 0;  // delivered to terminals
    std::size_t on_the_way = 0;    // bytes held now
    bool operator==(const LinkEmulatorCounts&) const = default;
};

/// A bad network between terminals and a server, in user space: a TCP proxy with rate, delay,
/// jitter and stalls of each direction, which all connections share. It loses nothing, as TCP would
/// not; docs/link-emulation.md says what that leaves out. One thread; its methods may be called
/// from any other and hold when they return.
class LinkEmulator {
public:
    /// Throws Error when the port is taken, the host unknown or the conditions impossible.
    explicit LinkEmulator(const LinkEmulatorConfig& config);
    ~LinkEmulator();
    LinkEmulator(const LinkEmulator&) = delete;
    LinkEmulator& operator=(const LinkEmulator&) = delete;

    /// Where it listens, as a terminal's `--server` takes it.
    std::string address() const { return "tcp://127.0.0.1:" + std::to_string(port_); }

    /// Throws Error for impossible conditions.
    void set(const LinkConditions& conditions);
    /// Nothing moves any more, and no connection is closed: neither end is told anything.
    void stall();
    void resume();
    /// Resets every connection; new ones are welcome.
    void cut();
    LinkEmulatorCounts counts() const;

private:
    using Clock = Shaper::Clock;

    void run(const std::stop_token& stop);
    void serve(Clock::time_point now);
    void accept_one();
    std::vector<pollfd> sockets_to_wait_for() const;
    std::optional<Clock::time_point> next_due() const;
    void wake() const;

    Descriptor listener_;
    Descriptor wakeup_;
    std::uint16_t port_ = 0;
    std::vector<std::uint8_t> target_;  // a sockaddr

    mutable std::mutex mutex_;  // of what follows
    Shaper up_;
    Shaper down_;
    bool stalled_ = false;
    std::list<EmulatedConnection> connections_;
    LinkEmulatorCounts counts_;
    std::jthread thread_;
};

}  // namespace caplamp::transport
