// SPDX-License-Identifier: Apache-2.0
#include "transport/envelope.hpp"

#include <cerrno>
#include <memory>
#include <utility>

namespace caplamp::transport {
namespace {

constexpr std::size_t most_parts = 17;  // a header and the most tensors that a frame may have

/// ROUTER answers EHOSTUNREACH for a peer that has left (ZMQ_ROUTER_MANDATORY).
bool send_part(zmq::socket_t& socket, zmq::message_t& part, bool more) {
    const auto flags =
        zmq::send_flags::dontwait | (more ? zmq::send_flags::sndmore : zmq::send_flags::none);
    try {
        return socket.send(part, flags).has_value();
    } catch (const zmq::error_t& e) {
        if (e.num() == EHOSTUNREACH) return false;
        throw;
    }
}

/// False when nothing waits.
bool receive_part(zmq::socket_t& socket, zmq::message_t& part, zmq::recv_flags flags) {
    try {
        return socket.recv(part, flags).has_value();
    } catch (const zmq::error_t& e) {
        if (e.num() == EINTR) return false;  // the next round asks again
        throw;
    }
}

}  // namespace

void wait_for(std::span<zmq::pollitem_t> items, std::chrono::milliseconds longest) {
    try {
        zmq::poll(items.data(), items.size(), longest);
    } catch (const zmq::error_t& e) {
        if (e.num() != EINTR) throw;  // a stopped process that goes on, or a debugger
    }
}

zmq::message_t part_of(std::vector<std::uint8_t> bytes) {
    using Bytes = std::vector<std::uint8_t>;
    const auto give_back = [](void*, void* hint) {
        const std::unique_ptr<Bytes> owner(static_cast<Bytes*>(hint));
    };
    // ZeroMQ owns them until they are sent.
    Bytes* const held = std::make_unique<Bytes>(std::move(bytes)).release();
    return {held->data(), held->size(), give_back, held};
}

bool send(zmq::socket_t& socket, Envelope& envelope, const zmq::message_t* to) {
    if (to != nullptr) {
        zmq::message_t id(to->data(), to->size());
        if (!send_part(socket, id, true)) return false;
    }
    zmq::message_t head = part_of(to_bytes(envelope.message));
    // Once the first part is taken, ZeroMQ takes the others: a message is queued whole.
    if (!send_part(socket, head, !envelope.parts.empty())) return false;
    for (std::size_t i = 0; i < envelope.parts.size(); ++i) {
        if (!send_part(socket, envelope.parts[i], i + 1 < envelope.parts.size())) return false;
    }
    return true;
}

std::vector<zmq::message_t> receive_parts(zmq::socket_t& socket) {
    std::vector<zmq::message_t> parts(1);
    if (!receive_part(socket, parts.front(), zmq::recv_flags::dontwait)) return {};
    bool more = parts.front().more();
    while (more) {
        zmq::message_t next;
        if (!receive_part(socket, next, zmq::recv_flags::none)) continue;
        more = next.more();
        if (parts.size() < most_parts + 2) parts.push_back(std::move(next));
    }
    return parts;
}

std::optional<Received> receive(zmq::socket_t& socket, bool with_routing_id) {
    std::vector<zmq::message_t> parts = receive_parts(socket);
    if (parts.empty()) return std::nullopt;
    Received received;
    // ZeroMQ's own part, the routing id, may lack the property.
    if (const char* key = zmq_msg_gets(parts.back().handle(), "User-Id")) received.key = {key};
    if (with_routing_id) {
        received.from = std::move(parts.front());
        parts.erase(parts.begin());
    }
    if (parts.empty() || parts.size() > most_parts) return received;
    if (auto message = parse_message(bytes_of(parts.front()))) {
        parts.erase(parts.begin());
        received.envelope = Envelope{std::move(*message), std::move(parts)};
    }
    return received;
}

}  // namespace caplamp::transport
