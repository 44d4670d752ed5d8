// SPDX-License-Identifier: Apache-2.0
#include "transport/server_end.hpp"

#include <algorithm>
#include <array>
#include <cassert>

#include "core/error.hpp"
#include "transport/message_check.hpp"
#include "transport/socket_options.hpp"

namespace caplamp::transport {
namespace {

constexpr const char* revoked = "this terminal's key is no longer allowed";

std::size_t bytes_held(const FrameJob& job) {
    std::size_t sum = 0;
    for (const zmq::message_t& part : job.parts) sum += part.size();
    return sum;
}

}  // namespace

ServerEnd::ServerEnd(const ServerEndConfig& config)
    : config_(config),
      doorkeeper_(config.keys ? std::make_unique<Doorkeeper>(context_, config.keys->allowed)
                              : nullptr),
      socket_(context_, zmq::socket_type::router) {
    check_address(config_.listen);
    set_common_options(socket_, config_.patience);
    socket_.set(zmq::sockopt::router_mandatory, true);
    socket_.set(zmq::sockopt::maxmsgsize,
                static_cast<std::int64_t>(config_.welcome.largest_message));
    if (config_.keys) encrypt_as_server(socket_, config_.keys->own);
    try {
        socket_.bind(config_.listen);
    } catch (const zmq::error_t& e) {
        throw Error(config_.listen + ": cannot be listened at: " + e.what());
    }
    address_ = socket_.get(zmq::sockopt::last_endpoint);
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

ServerEnd::~ServerEnd() {
    thread_.request_stop();
    wakeup_.signal();
}

std::optional<FrameJob> ServerEnd::next(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    filled_.wait(lock, stop, [this] { return !jobs_.empty(); });
    if (stop.stop_requested()) return std::nullopt;  // however many wait
    FrameJob job = std::move(jobs_.front());
    jobs_.pop_front();
    counts_.waiting_bytes -= bytes_held(job);
    return job;
}

void ServerEnd::answer(const FrameJob& job, Result result) {
    result.plan = job.header.plan;
    result.camera = job.header.camera;
    result.sequence = job.header.sequence;
    {
        const std::lock_guard lock(mutex_);
        answers_.emplace_back(job.terminal, std::move(result));
    }
    wakeup_.signal();
}

ServerEndCounts ServerEnd::counts() const {
    const std::lock_guard lock(mutex_);
    ServerEndCounts counts = counts_;
    counts.waiting = jobs_.size();
    if (doorkeeper_) counts.denied = doorkeeper_->denied();
    return counts;
}

void ServerEnd::allow(AllowList allowed) {
    assert(doorkeeper_ != nullptr);
    doorkeeper_->allow(std::move(allowed));
    new_list_ = true;
    wakeup_.signal();
}

bool ServerEnd::allows(const PublicKey& key) const {
    return doorkeeper_ == nullptr || doorkeeper_->allows(key);
}

void ServerEnd::run(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        std::array<zmq::pollitem_t, 2> waits{
            zmq::pollitem_t{nullptr, wakeup_.descriptor(), ZMQ_POLLIN, 0},
            zmq::pollitem_t{socket_.handle(), 0, ZMQ_POLLIN, 0}};
        wait_for(waits, std::chrono::milliseconds(500));
        wakeup_.drain();
        send_answers();
        hear();
        forget_the_gone();
    }
    while (!terminals_.empty()) {
        const RoutingId id = terminals_.begin()->first;
        reply(id, Goodbye{"the server ends"});
        forget(id);
    }
}

void ServerEnd::hear() {
    // A bounded round, so that answers do not wait behind a busy network.
    for (int i = 0; i < 64; ++i) {
        std::optional<Received> received = receive(socket_, true);
        if (!received) return;
        const RoutingId from = received->from.to_string();
        if (!allows(received->key)) {
            // Let in by an older list, and ZeroMQ cannot hang up on one peer.
            forget(from);
            refuse(from, revoked);
        } else if (received->envelope) {
            take(from, received->key, std::move(*received->envelope));
        } else {
            refuse(from, "this is not a message of caplamp");
        }
    }
}

void ServerEnd::take(const RoutingId& from, const PublicKey& key, Envelope envelope) {
    if (const auto* hello = std::get_if<Hello>(&envelope.message)) return greet(from, key, *hello);
    // Whoever takes a routing id over does not get what another key left under it.
    const auto known = terminals_.find(from);
    if (known == terminals_.end() || known->second.key != key) {
        forget(from);
        return reply(from, Goodbye{"say hello first"});
    }
    Terminal& terminal = known->second;
    terminal.heard = Clock::now();
    if (const auto* ping = std::get_if<Ping>(&envelope.message)) {
        reply(from, Pong{ping->sent_ns});
    } else if (auto* frame = std::get_if<FrameHeader>(&envelope.message)) {
        queue(terminal, from, std::move(*frame), std::move(envelope.parts));
    } else if (const auto* plan = std::get_if<Plan>(&envelope.message)) {
        const std::string problem = terminal.plans.keep(*plan, config_.welcome);
        if (!problem.empty()) refuse(from, problem);
    } else if (const auto* scales = std::get_if<Scales>(&envelope.message)) {
        const std::string problem = terminal.plans.keep(*scales);
        if (!problem.empty()) refuse(from, problem);
    } else if (std::holds_alternative<Goodbye>(envelope.message)) {
        forget(from);
    } else {
        refuse(from, "a terminal does not send this");
    }
}

void ServerEnd::greet(const RoutingId& from, const PublicKey& key, const Hello& hello) {
    const std::string problem = problem_with(hello, config_.model, config_.classes);
    if (!problem.empty()) return refuse(from, problem);
    forget(from);
    if (terminals_.size() >= config_.most_terminals) return refuse(from, "too many terminals");
    Terminal& terminal = terminals_[from];
    terminal.number = ++greeted_;
    terminal.key = key;
    terminal.heard = Clock::now();
    ids_[terminal.number] = from;
    {
        const std::lock_guard lock(mutex_);
        counts_.terminals = terminals_.size();
    }
    reply(from, config_.welcome);
}

void ServerEnd::queue(Terminal& terminal, const RoutingId& from, FrameHeader header,
                      std::vector<zmq::message_t> parts) {
    // Whatever is wrong with a frame, it gets its answer, so that the terminal waits for none.
    const auto answer_at_once = [&](Status status, const std::string& why) {
        {
            const std::lock_guard lock(mutex_);
            ++counts_.refused;
        }
        reply(from, Result{.plan = header.plan,
                           .camera = header.camera,
                           .sequence = header.sequence,
                           .status = status,
                           .reason = why,
                           .credits = 1});
    };
    const KnownPlans::Known* const known = terminal.plans.find(header.plan);
    if (known == nullptr) return answer_at_once(Status::unknown, "its plan is unknown");
    const std::string problem = problem_with(header, *known->plan, parts);
    if (!problem.empty()) return answer_at_once(Status::unknown, problem);
    if (!terminal.in_flight.contains(header.camera) &&
        terminal.in_flight.size() >= config_.most_cameras) {
        return answer_at_once(Status::unknown, "too many cameras");
    }
    int& in_flight = terminal.in_flight[header.camera];
    if (in_flight >= config_.welcome.credits) {
        return answer_at_once(Status::dropped, "more frames than credits");
    }
    ++in_flight;
    FrameJob job{.terminal = terminal.number,
                 .plan = known->plan,
                 .scales = known->scales,
                 .header = std::move(header),
                 .parts = std::move(parts),
                 .came = Clock::now()};
    {
        const std::lock_guard lock(mutex_);
        ++counts_.frames;
        counts_.waiting_bytes += bytes_held(job);
        jobs_.push_back(std::move(job));
    }
    filled_.notify_one();
}

void ServerEnd::send_answers() {
    std::deque<std::pair<std::uint64_t, Result>> answers;
    {
        const std::lock_guard lock(mutex_);
        answers.swap(answers_);
        counts_.answered += answers.size();
    }
    for (auto& [number, result] : answers) {
        const auto id = ids_.find(number);
        if (id == ids_.end()) continue;
        --terminals_[id->second].in_flight[result.camera];
        result.credits = 1;
        reply(RoutingId(id->second), std::move(result));
    }
}

void ServerEnd::forget_the_gone() {
    const auto now = Clock::now();
    const bool new_list = new_list_.exchange(false);
    std::vector<RoutingId> gone;
    for (const auto& [id, terminal] : terminals_) {
        const bool is_revoked = new_list && !allows(terminal.key);
        if (is_revoked || now - terminal.heard > config_.patience) gone.push_back(id);
    }
    for (const RoutingId& id : gone) {
        if (!allows(terminals_[id].key)) refuse(id, revoked);
        forget(id);
    }
}

void ServerEnd::forget(const RoutingId& id) {
    const auto known = terminals_.find(id);
    if (known == terminals_.end()) return;
    const std::uint64_t number = known->second.number;
    ids_.erase(number);
    terminals_.erase(known);
    const std::lock_guard lock(mutex_);
    counts_.terminals = terminals_.size();
    std::erase_if(jobs_, [&](const FrameJob& job) {
        if (job.terminal != number) return false;
        counts_.waiting_bytes -= bytes_held(job);
        return true;
    });
}

void ServerEnd::reply(const RoutingId& to, Message message) {
    const zmq::message_t id(to.data(), to.size());
    Envelope envelope{std::move(message)};
    // A terminal that does not read what it asked for, or has left, must say hello again.
    if (!send(socket_, envelope, &id)) forget(to);
}

void ServerEnd::refuse(const RoutingId& to, const std::string& why) {
    {
        const std::lock_guard lock(mutex_);
        ++counts_.refused;
    }
    reply(to, Refusal{why});
}

}  // namespace caplamp::transport
