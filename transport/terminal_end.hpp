// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <random>
#include <stop_token>
#include <string>
#include <thread>
#include <variant>
#include <vector>
#include <zmq.hpp>

#include "transport/curve.hpp"
#include "transport/envelope.hpp"
#include "transport/handshake_watch.hpp"
#include "transport/wakeup.hpp"
#include "transport/wire.hpp"

namespace caplamp::transport {

struct TerminalEndConfig {
    std::vector<std::string> servers;    // tcp://host:port, the preferred first
    std::optional<TerminalKeys> keys{};  // nothing: not encrypted
    Hello hello{};
    std::chrono::milliseconds ping_interval{1000};
    std::chrono::milliseconds patience{3000};  // silence after which a server counts as gone
    std::chrono::milliseconds first_retry{200};
    std::chrono::milliseconds longest_retry{5000};
};

/// A server took the terminal: plans and frames may be sent, under this session's number.
struct LinkUp {
    std::uint32_t session = 0;
    std::string server;
    Welcome welcome;
};
/// What was sent in this session will not be answered any more; or no server could be reached.
struct LinkDown {
    std::uint32_t session = 0;  // 0: there was none
    std::string server;
    std::string why;
};
struct LinkResult {
    std::uint32_t session = 0;
    Result result;
};
using LinkEvent = std::variant<LinkUp, LinkDown, LinkResult>;

/// The terminal's end of the link: a DEALER in a thread of its own that finds a server, greets it,
/// keeps it awake, and goes on to the next one when it falls silent. Its other methods may be
/// called from any thread. The destructor says goodbye and does not wait for the network.
class TerminalEnd {
public:
    /// Throws Error when an address cannot be one, or the keys are not one for each server.
    explicit TerminalEnd(const TerminalEndConfig& config);
    ~TerminalEnd();
    TerminalEnd(const TerminalEnd&) = delete;
    TerminalEnd& operator=(const TerminalEnd&) = delete;

    /// Queues a Scales, Plan or FrameHeader with its parts. It is forgotten when the session is
    /// over; LinkDown tells.
    void send(std::uint32_t session, Envelope envelope);
    /// Waits for the next event; nothing once `stop` is asked for.
    std::optional<LinkEvent> next(const std::stop_token& stop);
    /// Round trip of the last ping; 0 before the first.
    std::chrono::microseconds round_trip() const;

private:
    enum class State {
        waiting,     // for the next attempt
        connecting,  // the hello has not left yet
        greeting,    // it has
        up,
    };
    using Clock = std::chrono::steady_clock;

    void run(const std::stop_token& stop);
    void open();
    void close(const std::string& why);
    void hear();
    void hear_of_handshakes();
    void take(const Envelope& envelope);
    void speak();
    void report(LinkEvent event);
    short events_to_wait_for() const;
    std::chrono::milliseconds until_next_duty() const;
    const std::string& server() const { return config_.servers[server_]; }

    TerminalEndConfig config_;
    zmq::context_t context_;
    std::optional<zmq::socket_t> socket_;
    std::optional<HandshakeWatch> watch_;  // of the socket; gone before it
    std::uint64_t watches_ = 0;
    std::string trouble_;  // in the last handshake
    Wakeup wakeup_;
    State state_ = State::waiting;
    std::size_t server_ = 0;  // of config_.servers
    int failures_ = 0;        // in a row
    std::mt19937 random_{std::random_device{}()};
    Clock::time_point heard_{};
    Clock::time_point pinged_{};
    Clock::time_point retry_{};
    Clock::time_point up_since_{};
    std::atomic<std::int64_t> round_trip_us_ = 0;

    mutable std::mutex mutex_;  // of what follows
    std::uint32_t session_ = 0;
    bool up_ = false;
    std::deque<Envelope> outgoing_;
    std::deque<LinkEvent> events_;
    std::condition_variable_any happened_;
    std::jthread thread_;
};

}  // namespace caplamp::transport
