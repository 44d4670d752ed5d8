// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <filesystem>
#include <string>

#include "app/pending_file.hpp"
#include "app/result_stream.hpp"

namespace caplamp::app {

/// Where each frame's time went, as a Chrome trace (chrome://tracing, Perfetto): one row a stage,
/// decoding to the result. A server's times are placed in the middle of the time on the way, since
/// the two clocks are not compared. One thread at a time.
class Trace {
public:
    /// Throws Error, as write() and finish() do, when the file cannot be written.
    explicit Trace(const std::filesystem::path& file);
    void write(const TimedResult& timed);
    void finish();
    const std::filesystem::path& name() const { return file_.name(); }

private:
    using Clock = std::chrono::steady_clock;
    void event(const char* stage, int row, Clock::time_point begin,
               std::chrono::duration<double> duration, const FrameResult& frame);

    PendingFile file_;
    Clock::time_point zero_ = Clock::now();
    bool any_ = false;
};

}  // namespace caplamp::app
