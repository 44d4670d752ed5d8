// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <thread>
#include <variant>

#include "transport/terminal_end.hpp"

namespace caplamp::app {

/// What a camera hears from the link, in the link's thread. Its calls must be short.
class LinkListener {
public:
    virtual ~LinkListener() = default;
    virtual void hear(const transport::LinkUp& up) = 0;
    virtual void hear(const transport::LinkDown& down) = 0;
    /// Only of the camera's own frames.
    virtual void hear(const transport::LinkResult& result) = 0;
};

/// One connection for all cameras of a terminal. Its methods may be called from any thread.
class TerminalLink {
public:
    /// Throws Error as TerminalEnd does.
    explicit TerminalLink(const transport::TerminalEndConfig& config);

    /// From now until leave() the listener hears the link, first how it stands. Returns the
    /// camera's number in frame headers.
    std::uint16_t join(LinkListener& listener);
    /// When it returns, the listener is not called any more. Not from within hear().
    void leave(std::uint16_t camera);

    /// A number that no plan of this terminal had before.
    std::uint32_t new_plan() { return ++plans_; }
    /// As TerminalEnd::send().
    void send(std::uint32_t session, transport::Envelope envelope) {
        end_.send(session, std::move(envelope));
    }
    /// Of the last ping; 0 before the first.
    std::chrono::microseconds round_trip() const { return end_.round_trip(); }

private:
    void listen(const std::stop_token& stop);
    void tell(const transport::LinkEvent& event);

    transport::TerminalEnd end_;
    std::atomic<std::uint32_t> plans_ = 0;
    std::mutex mutex_;  // of what follows
    std::map<std::uint16_t, LinkListener*> cameras_;
    std::uint16_t joined_ = 0;
    std::variant<std::monostate, transport::LinkUp, transport::LinkDown> state_;
    std::jthread thread_;
};

}  // namespace caplamp::app
