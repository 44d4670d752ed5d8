// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace caplamp::test {

/// A plain TCP connection; calls block for at most 60 seconds, then they count as failed.
class TcpPeer {
public:
    /// Calls 127.0.0.1.
    explicit TcpPeer(std::uint16_t port);
    ~TcpPeer();
    TcpPeer(TcpPeer&& other) noexcept;
    TcpPeer& operator=(TcpPeer&&) = delete;

    /// False when the other end is gone.
    bool send(const std::string& bytes) const;
    /// As much as the kernel takes now; at most `most`.
    std::size_t send_without_waiting(std::size_t most) const;
    /// That many bytes, or fewer when the other end closed before.
    std::string receive(std::size_t count) const;
    /// Whether bytes, or the end, are there to be read now.
    bool has_something() const;
    /// Nothing more will be sent.
    void end_sending() const;

private:
    friend class TcpListener;
    struct Accepted {
        int socket;
    };
    explicit TcpPeer(Accepted accepted);
    int socket_;
};

class TcpListener {
public:
    TcpListener();
    ~TcpListener();
    TcpListener(const TcpListener&) = delete;
    TcpListener& operator=(const TcpListener&) = delete;
    std::uint16_t port() const { return port_; }
    TcpPeer accept() const;

private:
    int socket_;
    std::uint16_t port_ = 0;
};

/// Of tcp://host:port.
std::uint16_t port_of(const std::string& address);

}  // namespace caplamp::test
