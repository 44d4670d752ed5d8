// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "app/duration_histogram.hpp"
#include "app/result_stream.hpp"

namespace caplamp::app {

/// Counts and stage times of a run, in constant memory.
class RunSummary {
public:
    explicit RunSummary(std::vector<std::string> classes);

    void add(const TimedResult& timed, std::chrono::duration<double> drawing);
    std::uint64_t frames() const { return frames_; }
    std::uint64_t lost() const { return lost_; }
    /// Why the first lost frame was lost; empty when none was.
    const std::string& first_loss() const { return first_loss_; }

    /// Three lines: frames, speed and times of the stages there were; what was found; where it is
    /// written.
    std::string text(std::uint64_t dropped,
                     const std::vector<std::filesystem::path>& outputs) const;

private:
    struct Stage {
        const char* name;
        DurationHistogram times;
    };
    void add(const char* stage, std::chrono::duration<double> time);

    std::vector<std::string> classes_;
    std::vector<std::uint64_t> counts_;
    std::vector<Stage> stages_;
    std::uint64_t frames_ = 0;
    std::uint64_t lost_ = 0;
    std::string first_loss_;
    std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

}  // namespace caplamp::app
