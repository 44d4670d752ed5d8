// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <filesystem>
#include <limits>
#include <optional>
#include <string_view>
#include <vector>

namespace caplamp::transport {

/// What a link does to the bytes of one direction.
struct DirectionConditions {
    double megabits_per_second = std::numeric_limits<double>::infinity();  // 0: nothing passes
    std::chrono::microseconds delay{0};
    std::chrono::microseconds jitter{0};       // up to this is added to the delay
    std::chrono::milliseconds stall_every{0};  // 0: never
    std::chrono::milliseconds stall_for{0};    // at the end of each such time; shorter than it
    bool operator==(const DirectionConditions&) const = default;
};

struct LinkConditions {
    DirectionConditions up{};    // terminal to server
    DirectionConditions down{};  // server to terminal
    bool operator==(const LinkConditions&) const = default;
};

/// Throws Error for values that no link has, naming them.
void check(const LinkConditions& conditions);

/// The names that preset() knows, as --help lists them.
std::vector<std::string_view> preset_names();
/// Nothing when there is no such preset.
std::optional<LinkConditions> preset(std::string_view name);

/// How a link changes: what holds from each time on, the same in both directions.
class LinkTrace {
public:
    /// CSV of three columns: time in seconds, rate in Mbit/s, delay in milliseconds; times ascend
    /// from 0. Empty lines and those that begin with # are skipped. Throws Error with file:line.
    static LinkTrace load(const std::filesystem::path& file);

    /// What holds at that time after the beginning; after the last line's time, the last line.
    const DirectionConditions& at(std::chrono::nanoseconds elapsed) const;

private:
    struct Step {
        std::chrono::nanoseconds from{0};
        DirectionConditions conditions;
    };
    std::vector<Step> steps_;
};

}  // namespace caplamp::transport
