// SPDX-License-Identifier: Apache-2.0
#include "tests/transport/tcp_peer.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>
#include <utility>

namespace caplamp::test {
namespace {

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

int bounded(int socket) {
    if (socket < 0) throw std::runtime_error("no socket");
    const timeval longest{.tv_sec = 60, .tv_usec = 0};
    setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &longest, sizeof longest);
    setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &longest, sizeof longest);
    return socket;
}

}  // namespace

TcpPeer::TcpPeer(std::uint16_t port)
    : socket_(bounded(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))) {
    const sockaddr_in address = loopback(port);
    if (connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        throw std::runtime_error("nobody listens at port " + std::to_string(port));
    }
}

TcpPeer::TcpPeer(Accepted accepted) : socket_(bounded(accepted.socket)) {}

TcpPeer::TcpPeer(TcpPeer&& other) noexcept : socket_(std::exchange(other.socket_, -1)) {}

TcpPeer::~TcpPeer() {
    if (socket_ >= 0) close(socket_);
}

bool TcpPeer::send(const std::string& bytes) const {
    std::size_t sent = 0;
    while (sent < bytes.size()) {
        const ssize_t now = ::send(socket_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
        if (now <= 0) return false;
        sent += static_cast<std::size_t>(now);
    }
    return true;
}

std::size_t TcpPeer::send_without_waiting(std::size_t most) const {
    const std::string bytes(most, 'x');
    const ssize_t now = ::send(socket_, bytes.data(), most, MSG_NOSIGNAL | MSG_DONTWAIT);
    return now < 0 ? 0 : static_cast<std::size_t>(now);
}

std::string TcpPeer::receive(std::size_t count) const {
    std::string bytes(count, '\0');
    std::size_t got = 0;
    while (got < count) {
        const ssize_t now = recv(socket_, bytes.data() + got, count - got, 0);
        if (now <= 0) break;
        got += static_cast<std::size_t>(now);
    }
    bytes.resize(got);
    return bytes;
}

bool TcpPeer::has_something() const {
    pollfd wait{socket_, POLLIN, 0};
    return poll(&wait, 1, 0) == 1;
}

void TcpPeer::end_sending() const { shutdown(socket_, SHUT_WR); }

TcpListener::TcpListener() : socket_(bounded(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))) {
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    if (bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        listen(socket_, 8) != 0) {
        throw std::runtime_error("cannot listen");
    }
    getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
}

TcpListener::~TcpListener() { close(socket_); }

TcpPeer TcpListener::accept() const {
    return TcpPeer(TcpPeer::Accepted{::accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC)});
}

std::uint16_t port_of(const std::string& address) {
    return static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1)));
}

}  // namespace caplamp::test
