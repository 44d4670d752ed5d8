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
#include "app/terminal_half.hpp"
#include "transport/terminal_end.hpp"

namespace caplamp::app {

struct RemoteStreamConfig {
    FrameFeedConfig feed{};
    transport::TerminalEndConfig link{};
    neck_head::PostConfig post{};  // what `alone` was made with
    std::uint16_t camera = 0;
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
class RemoteStream : public ResultStream {
public:
    /// Borrows all three for its lifetime. A stop of `stop` ends the stream. `scales` are the
    /// half's own.
    RemoteStream(capture::Source& source, TerminalHalf& half, Detector& alone,
                 std::shared_ptr<const transport::ScaleTable> scales,
                 const RemoteStreamConfig& config, const std::stop_token& stop);
    ~RemoteStream() override;
    RemoteStream(const RemoteStream&) = delete;
    RemoteStream& operator=(const RemoteStream&) = delete;

    std::optional<TimedResult> next() override;
    std::uint64_t dropped() const override { return feed_.dropped(); }
    LinkCounts counts() const;

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
    void listen();
    void take(const transport::LinkUp& up);
    void take(const transport::LinkDown& down);
    void take(const transport::LinkResult& answer);

    RemoteStreamConfig config_;
    TerminalHalf& half_;
    Detector& alone_;
    std::shared_ptr<const transport::ScaleTable> scales_;  // shared with the half
    std::stop_source stop_;
    std::stop_callback<std::function<void()>> forward_stop_;
    FrameFeed feed_;
    transport::TerminalEnd end_;

    mutable std::mutex mutex_;  // of what follows
    std::condition_variable_any changed_;
    std::deque<Slot> slots_;     // in the source's order; only the caller takes from its front
    std::uint32_t session_ = 0;  // 0: no server
    std::size_t credits_ = 0;
    std::size_t largest_message_ = 0;  // bytes that the server takes
    bool asked_ = false;               // a server has answered, or has not in time
    bool ended_ = false;
    std::exception_ptr failure_;
    LinkCounts counts_;

    std::jthread looker_;
    std::jthread listener_;
};

}  // namespace caplamp::app
