// SPDX-License-Identifier: Apache-2.0
#include "app/remote_stream.hpp"

#include <algorithm>
#include <utility>

namespace caplamp::app {
namespace {

using transport::LinkDown;
using transport::LinkResult;
using transport::LinkUp;

constexpr std::size_t most_boxes = 10000;  // that a plan may ask for

FrameStatus status_of(transport::Status status) {
    switch (status) {
        case transport::Status::ok:
            return FrameStatus::ok;
        case transport::Status::late:
            return FrameStatus::late;
        case transport::Status::dropped:
            return FrameStatus::dropped;
        case transport::Status::degraded:
            return FrameStatus::degraded;
        case transport::Status::unknown:
            return FrameStatus::unknown;
    }
    return FrameStatus::unknown;
}

}  // namespace

RemoteStream::RemoteStream(capture::Source& source, TerminalHalf& half, Detector& alone,
                           TerminalLink& link, const RemoteStreamConfig& config,
                           const std::stop_token& stop)
    : config_(config),
      half_(half),
      alone_(alone),
      link_(link),
      forward_stop_(stop, [this] { stop_.request_stop(); }),
      feed_(source, config.feed, stop_.get_token()) {
    use(config.plan);
    camera_ = link_.join(*this);
    looker_ = std::jthread([this] { look(); });
}

RemoteStream::~RemoteStream() {
    link_.leave(camera_);
    stop_.request_stop();
}

void RemoteStream::use(SplitPlan plan) {
    check_plan(half_.model(), plan);
    const std::lock_guard lock(mutex_);
    plan_ = std::make_shared<const SplitPlan>(std::move(plan));
    plan_number_ = link_.new_plan();
    if (session_ != 0) announce_plan();
}

/// Before the first frame that names it; the mutex is held.
void RemoteStream::announce_plan() {
    const neck_head::PostConfig& post = config_.post;
    const auto boxes =
        static_cast<std::uint16_t>(std::min<std::size_t>(post.nms.max_boxes, most_boxes));
    const transport::ScaleTable* const scales = plan_->scales.get();
    if (scales != nullptr) link_.send(session_, {transport::Scales{to_bytes(*scales)}});
    link_.send(session_, {transport::Plan{.id = plan_number_,
                                          .cut = plan_->cut,
                                          .codec = to_string(plan_->codec),
                                          .scales = scales != nullptr ? scales->id() : 0,
                                          .score = post.decode.score,
                                          .iou = post.nms.iou,
                                          .max_boxes = boxes}});
}

std::optional<TimedResult> RemoteStream::next() {
    std::unique_lock lock(mutex_);
    const auto has_result = [this] { return !slots_.empty() && slots_.front().done; };
    changed_.wait(lock, stop_.get_token(), [&] { return has_result() || ended_; });
    if (stop_.stop_requested()) return std::nullopt;
    if (!has_result()) {
        if (failure_) std::rethrow_exception(failure_);
        return std::nullopt;
    }
    TimedResult timed = std::move(slots_.front().timed);
    slots_.pop_front();
    changed_.notify_all();
    return timed;
}

LinkCounts RemoteStream::counts() const {
    const std::lock_guard lock(mutex_);
    return counts_;
}

void RemoteStream::look() {
    std::exception_ptr failure;
    try {
        look_at_all();
    } catch (...) {
        failure = std::current_exception();
    }
    const std::lock_guard lock(mutex_);
    failure_ = failure;
    ended_ = true;
    changed_.notify_all();
}

/// A frame that nobody is looking at; the mutex is held.
RemoteStream::Slot* RemoteStream::slot_in_need() {
    const auto slot = std::ranges::find_if(slots_, [this](const Slot& s) {
        return !s.done && (session_ == 0 || s.session != session_);
    });
    return slot == slots_.end() ? nullptr : &*slot;
}

/// Whether a server has a credit for one more frame, or there is none; the mutex is held.
bool RemoteStream::may_work() const {
    if (session_ == 0) return asked_;
    const auto in_flight = std::ranges::count_if(
        slots_, [this](const Slot& s) { return !s.done && s.session == session_; });
    return static_cast<std::size_t>(in_flight) < credits_;
}

void RemoteStream::look_at_all() {
    const std::stop_token stop = stop_.get_token();
    bool source_ended = false;
    std::exception_ptr failure;
    while (true) {
        std::unique_lock lock(mutex_);
        // A full pipeline waits for the caller; at the end all that is left waits for its answer.
        const std::size_t most_slots = credits_ + config_.feed.read_ahead;
        const bool going = changed_.wait(lock, stop, [&] {
            if (source_ended && slots_.empty()) return true;
            return may_work() &&
                   (slot_in_need() != nullptr || (!source_ended && slots_.size() < most_slots));
        });
        if (!going || (source_ended && slots_.empty())) break;
        if (Slot* slot = slot_in_need()) {
            lock.unlock();
            work_on(*slot);
            continue;
        }
        lock.unlock();
        // The credit is there before the frame is taken, so that a camera's frame is fresh.
        std::optional<ReadFrame> read;
        try {
            read = feed_.take();
        } catch (...) {
            failure = std::current_exception();
        }
        source_ended = !read;
        if (read) add(std::move(*read));
    }
    if (failure) std::rethrow_exception(failure);
}

void RemoteStream::add(ReadFrame read) {
    Slot slot;
    if (const auto* lost = std::get_if<capture::LostFrame>(&read.captured)) {
        slot.timed.result = result_of(*lost);
        slot.done = true;
    } else {
        slot.frame = std::move(std::get<Frame>(read.captured));
        slot.timed = {.result = result_of(slot.frame),
                      .decode = read.decode,
                      .captured = slot.frame.captured};
    }
    const std::lock_guard lock(mutex_);
    slots_.push_back(std::move(slot));
    changed_.notify_all();
}

/// Only this thread works on a slot that is not done, and the caller takes none of these away.
void RemoteStream::work_on(Slot& slot) {
    std::unique_lock lock(mutex_);
    const std::uint32_t session = session_;
    const std::shared_ptr<const SplitPlan> plan = plan_;
    const std::uint32_t plan_number = plan_number_;
    const std::string trouble = counts_.trouble;
    lock.unlock();
    if (session == 0) return look_alone(slot, trouble);
    transport::Envelope envelope = half_.run(slot.frame, *plan);
    auto& header = std::get<transport::FrameHeader>(envelope.message);
    header.plan = plan_number;
    header.camera = camera_;
    const TerminalHalfTimes& times = half_.last_times();
    std::size_t bytes = 0;
    std::size_t largest = 0;
    for (const zmq::message_t& part : envelope.parts) {
        bytes += part.size();
        largest = std::max(largest, part.size());
    }
    lock.lock();
    if (session == session_ && largest > largest_message_) {
        // ZeroMQ would cut the line without a word.
        lock.unlock();
        return look_alone(slot, "the server takes no messages of " + std::to_string(largest) +
                                    " bytes; another cut or codec makes smaller ones");
    }
    slot.timed.detector = {
        .begin = times.begin, .letterbox = times.letterbox, .network = times.network, .post = {}};
    if (session != session_) return;  // the link went down meanwhile; it is still in need
    slot.session = session;
    slot.timed.link =
        LinkTimes{.encode = times.encode, .sent = std::chrono::steady_clock::now(), .bytes = bytes};
    ++counts_.frames;
    counts_.bytes += bytes;
    link_.send(session, std::move(envelope));
}

void RemoteStream::look_alone(Slot& slot, const std::string& why) {
    Detections found = alone_.run(slot.frame.image);
    const std::lock_guard lock(mutex_);
    slot.timed.detector = alone_.last_times();
    slot.timed.link.reset();
    slot.timed.result.detections = std::move(found);
    slot.timed.result.status = FrameStatus::degraded;
    slot.timed.result.reason = why;
    slot.done = true;
    ++counts_.alone;
    changed_.notify_all();
}

void RemoteStream::hear(const LinkUp& up) {
    const std::lock_guard lock(mutex_);
    session_ = up.session;
    announce_plan();
    credits_ = std::max<std::size_t>(1, up.welcome.credits);
    largest_message_ = up.welcome.largest_message;
    asked_ = true;
    counts_.server = up.server;
    counts_.trouble.clear();
    changed_.notify_all();
}

void RemoteStream::hear(const LinkDown& down) {
    const std::lock_guard lock(mutex_);
    if (session_ != 0) ++counts_.outages;
    session_ = 0;
    asked_ = true;
    counts_.server.clear();
    counts_.trouble = down.server + ": " + down.why;
    changed_.notify_all();
}

void RemoteStream::hear(const LinkResult& answer) {
    const std::lock_guard lock(mutex_);
    const auto slot = std::ranges::find_if(slots_, [&](const Slot& s) {
        return !s.done && s.session == answer.session && s.frame.sequence == answer.result.sequence;
    });
    // An answer to a frame that was looked at otherwise meanwhile is of no use any more.
    if (slot == slots_.end() || answer.session != session_) return;
    FrameResult& result = slot->timed.result;
    result.status = status_of(answer.result.status);
    result.reason = answer.result.reason;
    const auto known = [&](const Detection& d) {
        return static_cast<std::size_t>(d.class_id) < half_.model().classes.size();
    };
    if (std::ranges::all_of(answer.result.detections, known)) {
        result.detections = answer.result.detections;
    } else {
        result.status = FrameStatus::unknown;
        result.reason = "the server names a class that the model does not have";
    }
    LinkTimes& times = *slot->timed.link;
    times.answered = std::chrono::steady_clock::now();
    times.queue = std::chrono::microseconds(answer.result.queue_us);
    times.compute = std::chrono::microseconds(answer.result.compute_us);
    slot->done = true;
    changed_.notify_all();
}

}  // namespace caplamp::app
