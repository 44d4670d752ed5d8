// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

namespace caplamp::app {

/// Shows on stderr how far long work has come: a bar that redraws itself on a terminal, a line
/// every second in a log.
class Progress {
public:
    /// `what` names the work and its unit ("detect", "frames"); `total` 0 when nobody knows.
    /// `more` adds to what is shown, "link=up" for instance.
    Progress(std::string what, std::string unit, std::uint64_t total,
             std::function<std::string()> more = {});
    ~Progress();
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    void update(std::uint64_t done);
    /// A message for the operator that does not tear the bar.
    void warn(const std::string& message);

private:
    void draw(std::uint64_t done, double seconds);
    void clear();

    std::string what_;
    std::string unit_;
    std::uint64_t total_;
    std::function<std::string()> more_;
    bool terminal_;
    bool drawn_ = false;
    std::chrono::steady_clock::time_point begin_;
    std::chrono::steady_clock::time_point shown_;
};

}  // namespace caplamp::app
