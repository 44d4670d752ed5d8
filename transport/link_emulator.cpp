// SPDX-License-Identifier: Apache-2.0
#include "transport/link_emulator.hpp"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

#include "core/error.hpp"

namespace caplamp::transport {
namespace {

// Small, so that what a link holds is held here, where it is counted.
constexpr int kernel_buffer = 64 << 10;
constexpr int waiting_callers = 128;

void set_options(int socket) {
    const int yes = 1;
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &kernel_buffer, sizeof kernel_buffer);
    setsockopt(socket, SOL_SOCKET, SO_SNDBUF, &kernel_buffer, sizeof kernel_buffer);
}

Descriptor listen_at(std::uint16_t port) {
    const std::string name = "127.0.0.1:" + std::to_string(port);
    Descriptor listener(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    const int yes = 1;
    setsockopt(listener.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    set_options(listener.get());  // accepted sockets inherit them
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        listen(listener.get(), waiting_callers) != 0) {
        throw Error(name + ": cannot be listened at: " + std::strerror(errno));
    }
    return listener;
}

std::uint16_t port_of(const Descriptor& listener) {
    sockaddr_in address{};
    socklen_t size = sizeof address;
    getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &size);
    return ntohs(address.sin_port);
}

std::vector<std::uint8_t> look_up(const std::string& host, std::uint16_t port) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    const int failed = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
    if (failed != 0) throw Error(host + ": " + gai_strerror(failed));
    const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(found, &freeaddrinfo);
    const auto* const bytes = reinterpret_cast<const std::uint8_t*>(found->ai_addr);
    return {bytes, bytes + found->ai_addrlen};
}

/// On its way: writing tells whether it came about.
Descriptor call(const std::vector<std::uint8_t>& target) {
    const auto* const address = reinterpret_cast<const sockaddr*>(target.data());
    Descriptor caller(
        socket(address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP));
    set_options(caller.get());
    const int failed = connect(caller.get(), address, static_cast<socklen_t>(target.size()));
    return failed == 0 || errno == EINPROGRESS ? std::move(caller) : Descriptor();
}

}  // namespace

LinkEmulator::LinkEmulator(const LinkEmulatorConfig& config)
    : listener_(listen_at(config.listen)),
      wakeup_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)),
      port_(port_of(listener_)),
      target_(look_up(config.host, config.port)),
      up_(config.conditions.up, Clock::now(), 1),
      down_(config.conditions.down, Clock::now(), 2) {
    check(config.conditions);
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

LinkEmulator::~LinkEmulator() {
    thread_.request_stop();
    wake();
}

void LinkEmulator::wake() const {
    const std::uint64_t one = 1;
    // It fails only when the counter is full, and then the descriptor is readable anyway.
    [[maybe_unused]] const ssize_t written = write(wakeup_.get(), &one, sizeof one);
}

void LinkEmulator::set(const LinkConditions& conditions) {
    check(conditions);
    {
        const std::lock_guard lock(mutex_);
        up_.set(conditions.up);
        down_.set(conditions.down);
    }
    wake();
}

void LinkEmulator::stall() {
    const std::lock_guard lock(mutex_);
    stalled_ = true;
    wake();
}

void LinkEmulator::resume() {
    const std::lock_guard lock(mutex_);
    stalled_ = false;
    wake();
}

void LinkEmulator::cut() {
    const std::lock_guard lock(mutex_);
    for (EmulatedConnection& connection : connections_) connection.break_off(up_, down_);
    connections_.clear();
    wake();
}

LinkEmulatorCounts LinkEmulator::counts() const {
    const std::lock_guard lock(mutex_);
    LinkEmulatorCounts counts = counts_;
    counts.connections = connections_.size();
    counts.on_the_way = up_.on_the_way() + down_.on_the_way();
    return counts;
}

void LinkEmulator::run(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        std::vector<pollfd> sockets;
        std::optional<Clock::time_point> due;
        {
            const std::lock_guard lock(mutex_);
            if (!stalled_) serve(Clock::now());
            sockets = sockets_to_wait_for();
            due = next_due();
        }
        timespec longest{};
        if (due) {
            const auto left = std::max(std::chrono::nanoseconds(0), *due - Clock::now());
            longest.tv_sec = static_cast<time_t>(left.count() / 1'000'000'000);
            longest.tv_nsec = static_cast<long>(left.count() % 1'000'000'000);
        }
        // Which socket it was does not matter: every round tries all, and none of them blocks.
        ppoll(sockets.data(), sockets.size(), due ? &longest : nullptr, nullptr);
        std::uint64_t signals = 0;
        [[maybe_unused]] const ssize_t got = read(wakeup_.get(), &signals, sizeof signals);
    }
}

void LinkEmulator::serve(Clock::time_point now) {
    accept_one();
    for (auto it = connections_.begin(); it != connections_.end();) {
        const std::uint64_t up_before = it->up.delivered();
        const std::uint64_t down_before = it->down.delivered();
        const bool goes_on = it->serve(up_, down_, now);
        counts_.up_bytes += it->up.delivered() - up_before;
        counts_.down_bytes += it->down.delivered() - down_before;
        if (goes_on) {
            ++it;
            continue;
        }
        // One that ended orderly has nothing left to lose.
        if (!it->up.has_ended() || !it->down.has_ended()) it->break_off(up_, down_);
        it = connections_.erase(it);
    }
}

void LinkEmulator::accept_one() {
    Descriptor terminal(accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (terminal.get() < 0) return;
    Descriptor server = call(target_);
    if (server.get() < 0) return;
    connections_.push_back({std::move(terminal), std::move(server)});
    ++counts_.accepted;
}

std::vector<pollfd> LinkEmulator::sockets_to_wait_for() const {
    std::vector<pollfd> sockets{{wakeup_.get(), POLLIN, 0}};
    if (stalled_) return sockets;
    sockets.push_back({listener_.get(), POLLIN, 0});
    const auto add = [&](const Descriptor& socket, bool read, bool write) {
        const int events = (read ? POLLIN : 0) | (write ? POLLOUT : 0);
        // One that is asked for nothing would still report its end, again and again.
        if (events != 0) sockets.push_back({socket.get(), static_cast<short>(events), 0});
    };
    for (const EmulatedConnection& connection : connections_) {
        add(connection.terminal, connection.up.wants_to_read(up_), connection.down.is_blocked());
        add(connection.server, connection.down.wants_to_read(down_), connection.up.is_blocked());
    }
    return sockets;
}

std::optional<LinkEmulator::Clock::time_point> LinkEmulator::next_due() const {
    std::optional<Clock::time_point> next;
    if (stalled_) return next;
    for (const EmulatedConnection& connection : connections_) {
        for (const Flow* flow : {&connection.up, &connection.down}) {
            const auto due = flow->due();
            if (due && (!next || *due < *next)) next = due;
        }
    }
    return next;
}

}  // namespace caplamp::transport
