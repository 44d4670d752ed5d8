// SPDX-License-Identifier: Apache-2.0
#include "transport/emulated_connection.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

namespace caplamp::transport {
namespace {

bool may_try_again(int error) { return error == EAGAIN || error == EINTR; }

void reset_on_close(const Descriptor& socket) {
    const linger at_once{.l_onoff = 1, .l_linger = 0};
    setsockopt(socket.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

}  // namespace

Descriptor::~Descriptor() {
    if (number_ >= 0) close(number_);
}

bool Flow::read(int from, Shaper& shaper, Shaper::Clock::time_point now) {
    if (!wants_to_read(shaper)) return true;
    std::vector<std::uint8_t> bytes(shaper.room());
    const ssize_t got = recv(from, bytes.data(), bytes.size(), 0);
    if (got < 0) return may_try_again(errno);
    source_ended_ = got == 0;
    bytes.resize(static_cast<std::size_t>(got));
    bytes.shrink_to_fit();
    const auto due = shaper.take(bytes.size(), now);
    blocks_.push_back({std::move(bytes), 0, due});
    return true;
}

bool Flow::write(int to, Shaper& shaper, Shaper::Clock::time_point now) {
    blocked_ = false;
    while (!blocks_.empty() && blocks_.front().due <= now) {
        Block& block = blocks_.front();
        if (block.bytes.empty()) {
            ended_ = true;
            if (shutdown(to, SHUT_WR) != 0) return false;
        } else {
            const ssize_t sent = send(to, block.bytes.data() + block.written,
                                      block.bytes.size() - block.written, MSG_NOSIGNAL);
            if (sent < 0) {
                blocked_ = may_try_again(errno);
                return blocked_;
            }
            const auto count = static_cast<std::size_t>(sent);
            block.written += count;
            delivered_ += count;
            shaper.give_back(count);
            if (block.written < block.bytes.size()) continue;
        }
        blocks_.pop_front();
    }
    return true;
}

std::optional<Shaper::Clock::time_point> Flow::due() const {
    if (blocks_.empty() || blocked_) return std::nullopt;
    return blocks_.front().due;
}

std::size_t Flow::held() const {
    std::size_t sum = 0;
    for (const Block& block : blocks_) sum += block.bytes.size() - block.written;
    return sum;
}

bool EmulatedConnection::serve(Shaper& up_shaper, Shaper& down_shaper,
                               Shaper::Clock::time_point now) {
    return up.read(terminal.get(), up_shaper, now) && down.read(server.get(), down_shaper, now) &&
           up.write(server.get(), up_shaper, now) && down.write(terminal.get(), down_shaper, now) &&
           !(up.has_ended() && down.has_ended());
}

void EmulatedConnection::break_off(Shaper& up_shaper, Shaper& down_shaper) {
    up_shaper.give_back(up.held());
    down_shaper.give_back(down.held());
    reset_on_close(terminal);
    reset_on_close(server);
}

}  // namespace caplamp::transport
