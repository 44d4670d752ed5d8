// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

#include "app/frame_feed.hpp"
#include "app/result_stream.hpp"
#include "app/split_plan.hpp"
#include "app/terminal_half.hpp"
#include "app/terminal_link.hpp"

namespace caplamp::app {

struct RemoteStreamConfig {
    FrameFeedConfig feed{};
    SplitPlan plan{};              // to begin with
    neck_head::PostConfig post{};  // what `alone` was made with
};

/// What the link did so far.
struct LinkCounts {
    std::uint64_t frames = 0;  // sent
    std::uint64_t bytes = 0;   // of their parts
    std::uint64_t alone = 0;   // frames finished here because no server could
    std::uint64_t outages = 0;
    std::string server{};   // empty: none now
    std::string trouble{};  // why there is none
};

/// Runs a source through the first half of the network here and the second on a server. While no
/// server answers, `alone` finishes the frames; those that were on the way are looked at again, so
/// that every frame has exactly one result.
class RemoteStream : public ResultStream, private LinkListener {
public:
    /// Borrows all four for its lifetime. A stop of `stop` ends the stream. Throws Error when the
    /// plan is not one for the half's model.
    RemoteStream(capture::Source& source, TerminalHalf& half, Detector& alone, TerminalLink& link,
                 const RemoteStreamConfig& config, const std::stop_token& stop);
    ~RemoteStream() override;
    RemoteStream(const RemoteStream&) = delete;
    RemoteStream& operator=(const RemoteStream&) = delete;

    std::optional<TimedResult> next() override;
    std::uint64_t dropped() const override { return feed_.dropped(); }
    LinkCounts counts() const;

    /// From the next frame on; those on the way finish under their own plan. Any thread. Throws
    /// Error when the plan is not one for the half's model.
    void use(SplitPlan plan);

private:
    /// A frame between the source and the caller.
    struct Slot {
        Frame frame{};
        TimedResult timed{};
        std::uint32_t session = 0;  // in which it was sent
        bool done = false;
    };

    void look();
    void look_at_all();
    Slot* slot_in_need();
    bool may_work() const;
    void add(ReadFrame read);
    void work_on(Slot& slot);
    void look_alone(Slot& slot, const std::string& why);
    void announce_plan();
    void hear(const transport::LinkUp& up) override;
    void hear(const transport::LinkDown& down) override;
    void hear(const transport::LinkResult& answer) override;

    RemoteStreamConfig config_;
    TerminalHalf& half_;
    Detector& alone_;
    TerminalLink& link_;
    std::stop_source stop_;
    std::stop_callback<std::function<void()>> forward_stop_;
    FrameFeed feed_;

    mutable std::mutex mutex_;  // of what follows
    std::condition_variable_any changed_;
    std::deque<Slot> slots_;  // in the source's order; only the caller takes from its front
    std::shared_ptr<const SplitPlan> plan_;  // shared with a frame that is worked on
    std::uint32_t plan_number_ = 0;
    std::uint32_t session_ = 0;  // 0: no server
    std::size_t credits_ = 0;
    std::size_t largest_message_ = 0;  // bytes that the server takes
    bool asked_ = false;               // a server has answered, or has not in time
    bool ended_ = false;
    std::exception_ptr failure_;
    LinkCounts counts_;

    std::uint16_t camera_ = 0;
    std::jthread looker_;
};

}  // namespace caplamp::app
