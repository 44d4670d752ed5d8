// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <random>

#include "transport/link_conditions.hpp"

namespace caplamp::transport {

/// The schedule of one direction of an emulated link: when bytes that enter it now come out. It
/// sends and waits for nothing itself; the caller says what time it is, and may lie.
class Shaper {
public:
    using Clock = std::chrono::steady_clock;

    /// Stalls are counted from `begin`.
    Shaper(const DirectionConditions& conditions, Clock::time_point begin, unsigned seed = 1);

    /// From now on; what is on the way keeps its time.
    void set(const DirectionConditions& conditions);

    /// Bytes that may enter now: what the link holds, at its rate for delay and 100 ms of queue,
    /// less those on the way. Never more than `largest_block`. 0 while nothing passes.
    std::size_t room() const;
    /// Bytes enter, at most room() of them. When the last comes out: after those before it, at the
    /// link's rate, stalls left out, then the delay; never before an earlier one.
    Clock::time_point take(std::size_t bytes, Clock::time_point now);
    /// Bytes have come out, or were thrown away with their connection.
    void give_back(std::size_t bytes);
    std::size_t on_the_way() const { return on_the_way_; }

    static constexpr std::size_t largest_block = 64 << 10;

private:
    /// `work` later than `from`, with no work done during stalls.
    Clock::time_point after(Clock::time_point from, Clock::duration work) const;

    DirectionConditions conditions_;
    Clock::time_point begin_;
    Clock::time_point sent_{};     // the last byte that entered is on the line
    Clock::time_point arrived_{};  // and comes out
    std::size_t on_the_way_ = 0;
    std::mt19937 random_;
};

}  // namespace caplamp::transport
