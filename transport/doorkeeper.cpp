// SPDX-License-Identifier: Apache-2.0
#include "transport/doorkeeper.hpp"

#include <array>
#include <optional>
#include <string>
#include <utility>

#include "transport/envelope.hpp"

namespace caplamp::transport {
namespace {

// The frames of a request.
enum Field { version, request_id, domain, address, routing_id, mechanism, credentials, fields };

/// The key that asks; nothing when the request is not one about a key.
std::optional<PublicKey> asking_key(const std::vector<zmq::message_t>& request) {
    if (request.size() != fields || request[mechanism].to_string_view() != "CURVE" ||
        request[credentials].size() != 32) {
        return std::nullopt;
    }
    std::array<char, 41> text{};
    zmq_z85_encode(text.data(), request[credentials].data<std::uint8_t>(), 32);
    return PublicKey{text.data()};
}

}  // namespace

Doorkeeper::Doorkeeper(zmq::context_t& context, AllowList allowed)
    : socket_(context, zmq::socket_type::rep), allowed_(std::move(allowed)) {
    socket_.set(zmq::sockopt::linger, 0);
    socket_.bind("inproc://zeromq.zap.01");
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

Doorkeeper::~Doorkeeper() {
    thread_.request_stop();
    wakeup_.signal();
}

void Doorkeeper::allow(AllowList allowed) {
    const std::lock_guard lock(mutex_);
    allowed_ = std::move(allowed);
}

bool Doorkeeper::allows(const PublicKey& key) const {
    const std::lock_guard lock(mutex_);
    return allowed_.contains(key);
}

void Doorkeeper::run(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        std::array<zmq::pollitem_t, 2> waits{
            zmq::pollitem_t{nullptr, wakeup_.descriptor(), ZMQ_POLLIN, 0},
            zmq::pollitem_t{socket_.handle(), 0, ZMQ_POLLIN, 0}};
        wait_for(waits, std::chrono::hours(1));
        wakeup_.drain();
        answer();
    }
}

void Doorkeeper::answer() {
    const std::vector<zmq::message_t> request = receive_parts(socket_);
    if (request.empty()) return;
    const std::optional<PublicKey> key = asking_key(request);
    const bool welcome = key && allows(*key);
    if (!welcome) ++denied_;
    const std::string id = request.size() > request_id ? request[request_id].to_string() : "";
    const std::array<std::string, 6> reply{"1.0",
                                           id,
                                           welcome ? "200" : "400",
                                           welcome ? "" : "this key is not allowed",
                                           welcome ? key->text : "",
                                           ""};
    for (std::size_t i = 0; i < reply.size(); ++i) {
        socket_.send(zmq::buffer(reply[i]),
                     i + 1 < reply.size() ? zmq::send_flags::sndmore : zmq::send_flags::none);
    }
}

}  // namespace caplamp::transport
