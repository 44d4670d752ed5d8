// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <thread>
#include <vector>
#include <zmq.hpp>

#include "transport/envelope.hpp"
#include "transport/server_end.hpp"
#include "transport/terminal_end.hpp"

namespace caplamp::test {

/// A server and a terminal that fit together.
transport::ServerEndConfig rig_server_config();
transport::TerminalEndConfig rig_terminal_config(const std::string& server);

/// A frame of the plan `rig_plan`, with a checksum that fits.
transport::Envelope rig_frame(std::uint64_t sequence, std::vector<std::uint8_t> bytes = {1, 2, 3});
transport::Plan rig_plan();

/// A server that answers every frame at once, with `ok`.
class AnsweringServer {
public:
    explicit AnsweringServer(const transport::ServerEndConfig& config = rig_server_config());
    const std::string& address() const { return end_.address(); }
    transport::ServerEndCounts counts() const { return end_.counts(); }
    /// Returns when so many terminals are known; waits for ever otherwise.
    void wait_for_terminals(std::size_t count) const;

private:
    transport::ServerEnd end_;
    std::jthread worker_;
};

/// The next event of that kind; others are skipped.
template <class T>
T next_of(transport::TerminalEnd& terminal) {
    while (true) {
        auto event = terminal.next({});
        if (auto* wanted = std::get_if<T>(&*event)) return *wanted;
    }
}

/// A terminal that does everything right.
class GoodTerminal {
public:
    explicit GoodTerminal(const std::string& server);
    /// Sends a frame and waits for what becomes of it. False when it was not looked at, or the
    /// link went down: then nobody serves this terminal any more.
    bool is_served();
    bool is_served(int frames);

private:
    transport::TerminalEnd end_;
    std::uint32_t session_ = 0;
    std::uint64_t sequence_ = 0;
};

/// A ZeroMQ peer that says what it likes.
class Stranger {
public:
    explicit Stranger(const std::string& server);
    void say(const std::vector<std::string>& parts);
    void say(const transport::Message& message);
    void say(transport::Envelope envelope);
    /// False when its own queue is full.
    bool say_without_waiting(const transport::Message& message);
    /// The next that comes.
    transport::Message hear();
    /// Nothing when nothing came.
    std::optional<transport::Message> hear_within(std::chrono::milliseconds time);
    /// Waits for the welcome.
    void greet(const transport::Hello& hello);

private:
    zmq::context_t context_;
    zmq::socket_t socket_;
};

std::string text_of(const std::vector<std::uint8_t>& bytes);

}  // namespace caplamp::test
