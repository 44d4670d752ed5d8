// SPDX-License-Identifier: Apache-2.0
#include "transport/terminal_end.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "core/error.hpp"
#include "transport/socket_options.hpp"

namespace caplamp::transport {
namespace {

using std::chrono::milliseconds;

// A server that sends more than anybody asked for is given up before it fills the memory.
constexpr std::size_t most_events = 4096;
// 10,000 boxes have a quarter of that.
constexpr std::int64_t largest_message = 1 << 20;

std::string why_not(HandshakeFailure failure, bool encrypted) {
    if (failure == HandshakeFailure::key_denied) {
        return "the server does not allow this terminal's key";
    }
    if (!encrypted) return "the connection broke off at once; does the server want keys?";
    return failure == HandshakeFailure::broken_off
               ? "the connection broke off at once; the server has another key than is known here"
               : "the server speaks without keys, or is not the one whose key is known here";
}

std::int64_t nanoseconds_since_boot() {
    return std::chrono::nanoseconds(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace

TerminalEnd::TerminalEnd(const TerminalEndConfig& config) : config_(config) {
    if (config_.servers.empty()) throw Error("server: no address is given");
    for (const std::string& server : config_.servers) check_address(server);
    if (config_.keys && config_.keys->servers.size() == 1) {
        config_.keys->servers.resize(config_.servers.size(), config_.keys->servers.front());
    }
    if (config_.keys && config_.keys->servers.size() != config_.servers.size()) {
        throw Error("server keys: must be one for all servers, or one for each");
    }
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

TerminalEnd::~TerminalEnd() {
    thread_.request_stop();
    wakeup_.signal();
}

void TerminalEnd::send(std::uint32_t session, Envelope envelope) {
    {
        const std::lock_guard lock(mutex_);
        if (!up_ || session != session_) return;
        outgoing_.push_back(std::move(envelope));
    }
    wakeup_.signal();
}

std::optional<LinkEvent> TerminalEnd::next(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    happened_.wait(lock, stop, [this] { return !events_.empty(); });
    if (stop.stop_requested()) return std::nullopt;
    LinkEvent event = std::move(events_.front());
    events_.pop_front();
    return event;
}

std::chrono::microseconds TerminalEnd::round_trip() const {
    return std::chrono::microseconds(round_trip_us_.load());
}

void TerminalEnd::report(LinkEvent event) {
    {
        const std::lock_guard lock(mutex_);
        events_.push_back(std::move(event));
    }
    happened_.notify_one();
}

void TerminalEnd::run(const std::stop_token& stop) {
    open();
    while (!stop.stop_requested()) {
        std::array<zmq::pollitem_t, 3> waits{
            zmq::pollitem_t{nullptr, wakeup_.descriptor(), ZMQ_POLLIN, 0},
            zmq::pollitem_t{socket_ ? socket_->handle() : nullptr, 0, events_to_wait_for(), 0},
            zmq::pollitem_t{watch_ ? watch_->handle() : nullptr, 0, ZMQ_POLLIN, 0}};
        wait_for(std::span(waits).first(socket_ ? 3 : 1), until_next_duty());
        wakeup_.drain();
        hear();
        hear_of_handshakes();
        const auto now = Clock::now();
        if (state_ == State::waiting) {
            if (now >= retry_) open();
        } else if (now - heard_ > config_.patience) {
            const std::string trouble = trouble_.empty() ? "no answer" : trouble_;
            close(state_ == State::up ? "silent" : trouble);
        } else {
            speak();
        }
    }
    if (state_ == State::up) {
        Envelope goodbye{Goodbye{"the terminal ends"}};
        transport::send(*socket_, goodbye);
    }
}

short TerminalEnd::events_to_wait_for() const {
    const std::lock_guard lock(mutex_);
    const bool has_to_say = state_ == State::connecting || !outgoing_.empty();
    return static_cast<short>(has_to_say ? ZMQ_POLLIN | ZMQ_POLLOUT : ZMQ_POLLIN);
}

milliseconds TerminalEnd::until_next_duty() const {
    auto duty = heard_ + config_.patience;
    if (state_ == State::waiting) duty = retry_;
    if (state_ == State::up) duty = std::min(duty, pinged_ + config_.ping_interval);
    return std::max(milliseconds(0), std::chrono::ceil<milliseconds>(duty - Clock::now()));
}

void TerminalEnd::open() {
    socket_.emplace(context_, zmq::socket_type::dealer);
    set_common_options(*socket_, config_.patience);
    socket_->set(zmq::sockopt::immediate, true);  // nothing queues for a server that is not there
    socket_->set(zmq::sockopt::maxmsgsize, largest_message);
    if (config_.keys) {
        encrypt_as_terminal(*socket_, config_.keys->own, config_.keys->servers[server_]);
    }
    watch_.emplace(context_, *socket_, ++watches_);
    trouble_.clear();
    socket_->connect(server());
    heard_ = pinged_ = Clock::now();
    state_ = State::connecting;
}

void TerminalEnd::close(const std::string& why) {
    watch_.reset();
    socket_.reset();
    const bool was_up = state_ == State::up;
    state_ = State::waiting;
    std::uint32_t session = 0;
    {
        const std::lock_guard lock(mutex_);
        if (was_up) session = session_;
        up_ = false;
        outgoing_.clear();
    }
    report(LinkDown{session, server(), why});
    server_ = (server_ + 1) % config_.servers.size();
    // Every server is tried at once; only then a pause, longer each time and never the same for
    // two terminals.
    // A server that only ever takes us to refuse us is no better than one that does not answer.
    const bool was_good = was_up && Clock::now() - up_since_ > config_.patience;
    failures_ = was_good ? 1 : failures_ + 1;
    const int rounds = failures_ / static_cast<int>(config_.servers.size());
    milliseconds pause{0};
    if (rounds > 0) {
        pause =
            std::min(config_.longest_retry, config_.first_retry * (1 << std::min(rounds - 1, 10)));
        pause = milliseconds(
            std::uniform_int_distribution<std::int64_t>(pause.count() / 2, pause.count())(random_));
    }
    retry_ = Clock::now() + pause;
}

void TerminalEnd::hear() {
    while (socket_) {
        std::optional<Received> received = receive(*socket_, false);
        if (!received) return;
        if (!received->envelope) return close("it speaks another language");
        heard_ = Clock::now();
        take(*received->envelope);
    }
}

/// They only name the reason and save the wait: without them, patience ends the attempt.
void TerminalEnd::hear_of_handshakes() {
    while (watch_) {
        const std::optional<HandshakeFailure> failure = watch_->next();
        if (!failure) return;
        // One that ran out of time was not broken off: nobody answered.
        const bool late = Clock::now() - heard_ > config_.patience / 2;
        if (*failure == HandshakeFailure::broken_off && late) continue;
        trouble_ = why_not(*failure, config_.keys.has_value());
        if (*failure != HandshakeFailure::broken_off) return close(trouble_);
    }
}

void TerminalEnd::take(const Envelope& envelope) {
    if (const auto* welcome = std::get_if<Welcome>(&envelope.message)) {
        if (state_ != State::greeting) return;
        state_ = State::up;
        up_since_ = Clock::now();
        LinkUp up{0, server(), *welcome};
        {
            const std::lock_guard lock(mutex_);
            up_ = true;
            up.session = ++session_;
        }
        report(std::move(up));
    } else if (const auto* result = std::get_if<Result>(&envelope.message)) {
        if (state_ != State::up) return;
        LinkResult answer{0, *result};
        bool flooded = false;
        {
            const std::lock_guard lock(mutex_);
            answer.session = session_;
            flooded = events_.size() >= most_events;
        }
        if (flooded) return close("it sends more results than were asked for");
        report(std::move(answer));
    } else if (const auto* pong = std::get_if<Pong>(&envelope.message)) {
        round_trip_us_ = (nanoseconds_since_boot() - pong->sent_ns) / 1000;
    } else if (const auto* refusal = std::get_if<Refusal>(&envelope.message)) {
        close(refusal->reason);
    } else if (const auto* goodbye = std::get_if<Goodbye>(&envelope.message)) {
        close(goodbye->reason);
    }
}

void TerminalEnd::speak() {
    if (state_ == State::connecting) {
        Envelope hello{config_.hello};
        if (transport::send(*socket_, hello)) state_ = State::greeting;
    }
    if (state_ != State::up) return;
    const auto now = Clock::now();
    const std::lock_guard lock(mutex_);
    while (!outgoing_.empty() && transport::send(*socket_, outgoing_.front())) {
        outgoing_.pop_front();
    }
    if (now - pinged_ < config_.ping_interval) return;
    Envelope ping{Ping{nanoseconds_since_boot()}};
    transport::send(*socket_, ping);
    pinged_ = now;
}

}  // namespace caplamp::transport
