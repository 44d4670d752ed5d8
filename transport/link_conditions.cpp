// SPDX-License-Identifier: Apache-2.0
#include "transport/link_conditions.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <string>
#include <utility>

#include "core/error.hpp"

namespace caplamp::transport {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;

struct Preset {
    std::string_view name;
    LinkConditions conditions;
};

std::array<Preset, 6> presets() {
    return {{
        // The case study's link: 107.4 Mbit/s up, 48.7 down, a ping of 13 ms (Table V).
        {"paper",
         {.up = {.megabits_per_second = 107.4, .delay = microseconds(6500)},
          .down = {.megabits_per_second = 48.7, .delay = microseconds(6500)}}},
        // The paper's comparisons: 100 Mbit/s; a switched Ethernet adds tenths of a millisecond.
        {"ethernet",
         {.up = {.megabits_per_second = 100, .delay = microseconds(100)},
          .down = {.megabits_per_second = 100, .delay = microseconds(100)}}},
        // One stream of 802.11n in a 20 MHz channel, MCS 4 to 5 (39 to 52 Mbit/s on the air), of
        // which about two thirds are left; contention makes the delay vary by milliseconds.
        {"wifi",
         {.up = {.megabits_per_second = 30, .delay = milliseconds(2), .jitter = milliseconds(8)},
          .down = {.megabits_per_second = 30,
                   .delay = milliseconds(2),
                   .jitter = milliseconds(8)}}},
        // As WebPageTest's profile "LTE": 12 Mbit/s, round trip 70 ms. The jitter is ours: an
        // uplink grant is waited for in steps of several milliseconds.
        {"lte",
         {.up = {.megabits_per_second = 12, .delay = milliseconds(35), .jitter = milliseconds(10)},
          .down = {.megabits_per_second = 12,
                   .delay = milliseconds(35),
                   .jitter = milliseconds(10)}}},
        // As WebPageTest's profile "3G": 768 kbit/s up, 1.6 Mbit/s down, round trip 300 ms.
        {"3g",
         {.up = {.megabits_per_second = 0.768,
                 .delay = milliseconds(150),
                 .jitter = milliseconds(30)},
          .down = {.megabits_per_second = 1.6,
                   .delay = milliseconds(150),
                   .jitter = milliseconds(30)}}},
        // A geostationary hop is 260 ms one way in ITU-T G.114; the rates are what the FCC called
        // broadband from 2015 to 2024.
        {"satellite",
         {.up = {.megabits_per_second = 3, .delay = milliseconds(260), .jitter = milliseconds(10)},
          .down = {.megabits_per_second = 25,
                   .delay = milliseconds(260),
                   .jitter = milliseconds(10)}}},
    }};
}

void check(const DirectionConditions& c, const std::string& which) {
    const auto refuse = [&](const std::string& what) {
        throw Error("link: " + which + ": " + what);
    };
    if (!(c.megabits_per_second >= 0)) refuse("a rate is 0 or more");
    if (c.delay.count() < 0 || c.jitter.count() < 0) refuse("delay and jitter are 0 or more");
    if (c.stall_every.count() < 0 || c.stall_for.count() < 0) refuse("stalls are 0 or more");
    if (c.stall_for.count() > 0 && c.stall_for >= c.stall_every) {
        refuse("a stall must be shorter than the time from one to the next");
    }
}

/// Three numbers apart by commas, and nothing else.
std::optional<std::array<double, 3>> three_numbers(std::string line) {
    if (line.ends_with('\r')) line.pop_back();
    std::array<double, 3> numbers{};
    const char* at = line.c_str();
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        char* end = nullptr;
        numbers[i] = std::strtod(at, &end);
        if (end == at || !std::isfinite(numbers[i]) || numbers[i] < 0 || numbers[i] > 1e6)
            return {};
        while (*end == ' ') ++end;
        if (*end != (i + 1 < numbers.size() ? ',' : '\0')) return {};
        at = end + 1;
    }
    return numbers;
}

}  // namespace

void check(const LinkConditions& conditions) {
    check(conditions.up, "up");
    check(conditions.down, "down");
}

std::vector<std::string_view> preset_names() {
    std::vector<std::string_view> names;
    for (const Preset& known : presets()) names.push_back(known.name);
    return names;
}

std::optional<LinkConditions> preset(std::string_view name) {
    for (const Preset& known : presets()) {
        if (known.name == name) return known.conditions;
    }
    return std::nullopt;
}

LinkTrace LinkTrace::load(const std::filesystem::path& file) {
    std::ifstream stream(file);
    if (!stream) throw Error(file.string() + ": cannot be opened");
    LinkTrace trace;
    int number = 0;
    for (std::string line; std::getline(stream, line);) {
        const std::string where = file.string() + ":" + std::to_string(++number) + ": ";
        if (line.empty() || line == "\r" || line.front() == '#') continue;
        const auto numbers = three_numbers(std::move(line));
        if (!numbers) throw Error(where + "not time (s), rate (Mbit/s), delay (ms)");
        const auto [seconds, rate, delay_ms] = *numbers;
        const Step step{
            nanoseconds(std::llround(seconds * 1e9)),
            {.megabits_per_second = rate, .delay = microseconds(std::llround(delay_ms * 1000))}};
        if (trace.steps_.empty() && step.from.count() != 0) {
            throw Error(where + "the first time is not 0");
        }
        if (!trace.steps_.empty() && step.from <= trace.steps_.back().from) {
            throw Error(where + "its time is not later than the line before");
        }
        trace.steps_.push_back(step);
    }
    if (trace.steps_.empty()) throw Error(file.string() + ": holds no line of a trace");
    return trace;
}

const DirectionConditions& LinkTrace::at(std::chrono::nanoseconds elapsed) const {
    const auto later = std::ranges::upper_bound(steps_, elapsed, {}, &Step::from);
    return later == steps_.begin() ? steps_.front().conditions : std::prev(later)->conditions;
}

}  // namespace caplamp::transport
