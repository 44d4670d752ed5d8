// SPDX-License-Identifier: Apache-2.0
#include "tests/capture/loopback_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <stdexcept>
#include <utility>

namespace caplamp::test {
namespace {

/// True when `socket` can be read or has closed; false when `wake` came first.
bool wait_readable(int socket, int wake) {
    std::array<pollfd, 2> waits{pollfd{socket, POLLIN, 0}, pollfd{wake, POLLIN, 0}};
    poll(waits.data(), waits.size(), -1);
    return waits[1].revents == 0;
}

}  // namespace

std::string Call::receive() {
    if (!wait_readable(socket_, wake_)) return {};
    std::array<char, 4096> bytes{};
    const ssize_t got = recv(socket_, bytes.data(), bytes.size(), 0);
    return got > 0 ? std::string(bytes.data(), static_cast<std::size_t>(got)) : std::string();
}

bool Call::send(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

void Call::stay_silent() {
    while (!receive().empty()) {
    }
}

LoopbackServer::LoopbackServer(std::function<void(Call&)> answer) : answer_(std::move(answer)) {
    listener_ = socket(AF_INET, SOCK_STREAM, 0);
    wake_ = eventfd(0, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    if (bind(listener_, generic, size) != 0 || listen(listener_, 4) != 0 ||
        getsockname(listener_, generic, &size) != 0) {
        throw std::runtime_error("no loopback socket");
    }
    port_ = ntohs(address.sin_port);
    thread_ = std::jthread([this](const std::stop_token& stop) { serve(stop); });
}

LoopbackServer::~LoopbackServer() {
    thread_.request_stop();
    const std::uint64_t one = 1;
    if (write(wake_, &one, sizeof one) == sizeof one) thread_.join();
    close(listener_);
    close(wake_);
}

std::string LoopbackServer::address(const std::string& scheme) const {
    return scheme + "://127.0.0.1:" + std::to_string(port_) + "/stream";
}

void LoopbackServer::serve(const std::stop_token& stop) {
    while (!stop.stop_requested() && wait_readable(listener_, wake_)) {
        const int socket = accept(listener_, nullptr, nullptr);
        if (socket < 0) return;
        ++calls_;
        Call call(socket, wake_);
        answer_(call);
        close(socket);
    }
}

}  // namespace caplamp::test
