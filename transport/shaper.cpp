// SPDX-License-Identifier: Apache-2.0
#include "transport/shaper.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace caplamp::transport {
namespace {

using std::chrono::nanoseconds;

// A router's queue; without it a sender that waits for room would leave the line idle.
constexpr std::chrono::milliseconds queue_length{100};
// Of a slow link, so that a block is not late as a whole; of any link, so that it is worth a call.
constexpr std::chrono::milliseconds block_length{5};
constexpr double least_block = 1024;
// What a link without a limit may hold; TCP's own buffers are of this size.
constexpr double most_held = 4 << 20;

double bytes_in(const DirectionConditions& conditions, std::chrono::duration<double> time) {
    return conditions.megabits_per_second * 1e6 / 8 * time.count();
}

std::size_t between(double least, double value, double most) {
    return static_cast<std::size_t>(std::clamp(value, least, most));
}

}  // namespace

Shaper::Shaper(const DirectionConditions& conditions, Clock::time_point begin, unsigned seed)
    : conditions_(conditions), begin_(begin), random_(seed) {}

void Shaper::set(const DirectionConditions& conditions) { conditions_ = conditions; }

std::size_t Shaper::room() const {
    if (conditions_.megabits_per_second <= 0) return 0;
    const auto longest = conditions_.delay + conditions_.jitter + queue_length;
    const std::size_t held = between(least_block, bytes_in(conditions_, longest), most_held);
    if (on_the_way_ >= held) return 0;
    const std::size_t block = between(least_block, bytes_in(conditions_, block_length),
                                      static_cast<double>(largest_block));
    return std::min(block, held - on_the_way_);
}

Shaper::Clock::time_point Shaper::take(std::size_t bytes, Clock::time_point now) {
    assert(bytes <= room());
    const double seconds = static_cast<double>(bytes) * 8 / (conditions_.megabits_per_second * 1e6);
    sent_ = after(std::max(now, sent_), nanoseconds(std::llround(seconds * 1e9)));
    auto delay = conditions_.delay;
    if (conditions_.jitter.count() > 0) {
        delay += std::chrono::microseconds(
            std::uniform_int_distribution<std::int64_t>(0, conditions_.jitter.count())(random_));
    }
    arrived_ = std::max(arrived_, sent_ + delay);  // TCP keeps the order
    on_the_way_ += bytes;
    return arrived_;
}

void Shaper::give_back(std::size_t bytes) {
    assert(bytes <= on_the_way_);
    on_the_way_ -= bytes;
}

Shaper::Clock::time_point Shaper::after(Clock::time_point from, Clock::duration work) const {
    const Clock::duration period = conditions_.stall_every;
    const Clock::duration open = period - conditions_.stall_for;
    if (period.count() == 0 || conditions_.stall_for.count() == 0) return from + work;
    // In time that counts only while the line is open, work is a plain sum.
    const Clock::duration since = from - begin_;
    const Clock::duration open_since = since / period * open + std::min(since % period, open);
    const Clock::duration done = open_since + work;
    // What ends exactly at a stall's beginning is through; what begins in it waits for its end.
    const bool at_end = work.count() > 0 && done % open == Clock::duration::zero();
    const auto periods = done / open - (at_end ? 1 : 0);
    return begin_ + periods * period + (done - periods * open);
}

}  // namespace caplamp::transport
