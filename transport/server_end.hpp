// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>
#include <zmq.hpp>

#include "transport/curve.hpp"
#include "transport/doorkeeper.hpp"
#include "transport/envelope.hpp"
#include "transport/known_plans.hpp"
#include "transport/scale_table.hpp"
#include "transport/wakeup.hpp"
#include "transport/wire.hpp"

namespace caplamp::transport {

struct ServerEndConfig {
    std::string listen = "tcp://127.0.0.1:7007";  // port 0: any free one
    std::optional<ServerKeys> keys{};             // nothing: not encrypted, anybody is let in
    std::string model{};                          // what a terminal's hello must name
    std::vector<std::string> classes{};
    Welcome welcome{.credits = 3, .largest_message = 32U << 20};
    std::size_t most_terminals = 256;
    std::size_t most_cameras = 64;              // of one terminal
    std::chrono::milliseconds patience{10000};  // silence after which a terminal is forgotten
};

/// A frame to look at, checked as far as that goes without the network: the plan and its scales are
/// known, the checksums fit.
struct FrameJob {
    std::uint64_t terminal = 0;                // the server's own number for it
    std::shared_ptr<const Plan> plan;          // shared with the terminal's later frames
    std::shared_ptr<const ScaleTable> scales;  // the same; null when the codec needs none
    FrameHeader header;
    std::vector<zmq::message_t> parts;
    std::chrono::steady_clock::time_point came;
};

/// What the server has done and holds, for logs and metrics.
struct ServerEndCounts {
    std::size_t terminals = 0;
    std::size_t waiting = 0;        // frames
    std::size_t waiting_bytes = 0;  // of these
    std::uint64_t frames = 0;
    std::uint64_t answered = 0;
    std::uint64_t refused = 0;  // messages and terminals
    std::uint64_t denied = 0;   // connections, for their key
    bool operator==(const ServerEndCounts&) const = default;
};

/// The server's end of the link: a ROUTER in a thread of its own. It greets terminals whose model
/// is its own, checks their frames, hands these out in the order they came, and sends the results.
/// What may wait is bounded by the credits: a frame beyond them is answered `dropped`. Its other
/// methods may be called from any thread.
class ServerEnd {
public:
    /// Throws Error when the address cannot be listened at.
    explicit ServerEnd(const ServerEndConfig& config);
    ~ServerEnd();
    ServerEnd(const ServerEnd&) = delete;
    ServerEnd& operator=(const ServerEnd&) = delete;

    /// Where it listens, with the port it got.
    const std::string& address() const { return address_; }
    /// Waits for the next frame; nothing once `stop` is asked for.
    std::optional<FrameJob> next(const std::stop_token& stop);
    /// Answers a job with `result`, whose frame's name and credit are filled in here. A terminal
    /// that has left meanwhile gets nothing.
    void answer(const FrameJob& job, Result result);
    /// Lets these in from now on, and says goodbye to those inside who are not among them. Only
    /// with keys.
    void allow(AllowList allowed);
    ServerEndCounts counts() const;

private:
    using Clock = std::chrono::steady_clock;

    struct Terminal {
        std::uint64_t number = 0;
        PublicKey key;  // empty when not encrypted
        Clock::time_point heard{};
        KnownPlans plans;
        std::map<std::uint16_t, int> in_flight;  // frames of each camera
    };
    using RoutingId = std::string;

    void run(const std::stop_token& stop);
    void hear();
    bool allows(const PublicKey& key) const;
    void take(const RoutingId& from, const PublicKey& key, Envelope envelope);
    void greet(const RoutingId& from, const PublicKey& key, const Hello& hello);
    void queue(Terminal& terminal, const RoutingId& from, FrameHeader header,
               std::vector<zmq::message_t> parts);
    void send_answers();
    void forget_the_gone();
    void forget(const RoutingId& id);
    void reply(const RoutingId& to, Message message);
    void refuse(const RoutingId& to, const std::string& why);

    ServerEndConfig config_;
    zmq::context_t context_;
    std::unique_ptr<Doorkeeper> doorkeeper_;  // null when not encrypted
    zmq::socket_t socket_;
    std::string address_;
    Wakeup wakeup_;
    std::atomic<bool> new_list_ = false;
    std::map<RoutingId, Terminal> terminals_;
    std::map<std::uint64_t, RoutingId> ids_;  // of the terminals' numbers
    std::uint64_t greeted_ = 0;

    mutable std::mutex mutex_;  // of what follows
    std::deque<FrameJob> jobs_;
    std::condition_variable_any filled_;
    std::deque<std::pair<std::uint64_t, Result>> answers_;
    ServerEndCounts counts_;
    std::jthread thread_;
};

}  // namespace caplamp::transport
