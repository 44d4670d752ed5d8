// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include "transport/shaper.hpp"

namespace caplamp::transport {

/// Owns a file descriptor.
class Descriptor {
public:
    explicit Descriptor(int number = -1) : number_(number) {}
    ~Descriptor();
    Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(number_, other.number_);
        return *this;
    }
    int get() const { return number_; }

private:
    int number_;
};

/// One direction of a connection: bytes read from one socket, held until the shaper's time for them
/// has come, written to the other. Sockets do not block.
class Flow {
public:
    bool wants_to_read(const Shaper& shaper) const { return !source_ended_ && shaper.room() > 0; }
    /// One block, if the shaper has room and the socket bytes. False when the socket is broken.
    bool read(int from, Shaper& shaper, Shaper::Clock::time_point now);
    /// All whose time has come. False when the socket is broken.
    bool write(int to, Shaper& shaper, Shaper::Clock::time_point now);

    /// The reader at the far end has no room: wait until its socket can be written to.
    bool is_blocked() const { return blocked_; }
    /// When the next bytes may be written; nothing when none are on the way.
    std::optional<Shaper::Clock::time_point> due() const;
    /// The source's end has come out at the other end.
    bool has_ended() const { return ended_; }
    std::size_t held() const;
    std::uint64_t delivered() const { return delivered_; }

private:
    struct Block {
        std::vector<std::uint8_t> bytes;  // none: the source's end
        std::size_t written = 0;
        Shaper::Clock::time_point due{};
    };
    std::deque<Block> blocks_;
    bool source_ended_ = false;
    bool ended_ = false;
    bool blocked_ = false;
    std::uint64_t delivered_ = 0;
};

/// A terminal's connection and the one to the server that goes with it.
struct EmulatedConnection {
    Descriptor terminal;
    Descriptor server;
    Flow up{};
    Flow down{};

    /// False when it is over, orderly or not.
    bool serve(Shaper& up_shaper, Shaper& down_shaper, Shaper::Clock::time_point now);
    /// What was on the way is lost; both ends see a reset.
    void break_off(Shaper& up_shaper, Shaper& down_shaper);
};

}  // namespace caplamp::transport
