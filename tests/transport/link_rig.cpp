// SPDX-License-Identifier: Apache-2.0
#include "tests/transport/link_rig.hpp"

#include <stdexcept>
#include <utility>

namespace caplamp::test {

using namespace transport;
using std::chrono::milliseconds;

ServerEndConfig rig_server_config() {
    ServerEndConfig config{.listen = "tcp://127.0.0.1:0", .model = "m1", .classes = {"helmet"}};
    config.welcome.credits = 2;
    config.welcome.cuts = {"3", "jpeg"};
    config.welcome.codecs = {"f32"};
    return config;
}

TerminalEndConfig rig_terminal_config(const std::string& server) {
    return {.servers = {server},
            .hello = {.model = "m1", .classes = {"helmet"}},
            .ping_interval = milliseconds(50),
            .patience = std::chrono::seconds(30),
            .first_retry = milliseconds(5),
            .longest_retry = milliseconds(50)};
}

Plan rig_plan() { return {.id = 1, .cut = "3", .codec = "f32"}; }

Envelope rig_frame(std::uint64_t sequence, std::vector<std::uint8_t> bytes) {
    Envelope envelope{FrameHeader{.plan = rig_plan().id,
                                  .sequence = sequence,
                                  .picture_width = 64,
                                  .picture_height = 48,
                                  .tensors = {{.value = 7,
                                               .shape = {1, 1, 1},
                                               .codec = *parse_codec("f32"),
                                               .checksum = checksum(bytes)}}}};
    envelope.parts.push_back(part_of(std::move(bytes)));
    return envelope;
}

AnsweringServer::AnsweringServer(const ServerEndConfig& config)
    : end_(config), worker_([this](const std::stop_token& stop) {
          while (const auto job = end_.next(stop)) end_.answer(*job, {});
      }) {}

void AnsweringServer::wait_for_terminals(std::size_t count) const {
    while (counts().terminals != count) std::this_thread::sleep_for(milliseconds(1));
}

GoodTerminal::GoodTerminal(const std::string& server) : end_(rig_terminal_config(server)) {
    session_ = next_of<LinkUp>(end_).session;
    end_.send(session_, {rig_plan()});
}

bool GoodTerminal::is_served() {
    end_.send(session_, rig_frame(++sequence_));
    const auto event = end_.next({});
    const auto* answer = std::get_if<LinkResult>(&*event);
    return answer != nullptr && answer->result.sequence == sequence_ &&
           answer->result.status == Status::ok;
}

bool GoodTerminal::is_served(int frames) {
    for (int i = 0; i < frames; ++i) {
        if (!is_served()) return false;
    }
    return true;
}

Stranger::Stranger(const std::string& server) : socket_(context_, zmq::socket_type::dealer) {
    socket_.set(zmq::sockopt::linger, 0);
    socket_.set(zmq::sockopt::rcvhwm, 1);
    socket_.set(zmq::sockopt::rcvbuf, 4096);
    socket_.connect(server);
}

void Stranger::say(const std::vector<std::string>& parts) {
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const bool more = i + 1 < parts.size();
        socket_.send(zmq::buffer(parts[i]),
                     more ? zmq::send_flags::sndmore : zmq::send_flags::none);
    }
}

void Stranger::say(const Message& message) { say({text_of(to_bytes(message))}); }

void Stranger::say(Envelope envelope) {
    std::vector<std::string> parts{text_of(to_bytes(envelope.message))};
    for (const zmq::message_t& part : envelope.parts) parts.push_back(part.to_string());
    say(parts);
}

bool Stranger::say_without_waiting(const Message& message) {
    Envelope envelope{message};
    return send(socket_, envelope);
}

std::optional<Message> Stranger::hear_within(milliseconds time) {
    socket_.set(zmq::sockopt::rcvtimeo, static_cast<int>(time.count()));
    zmq::message_t part;
    if (!socket_.recv(part)) return std::nullopt;
    const auto message = parse_message(bytes_of(part));
    if (!message) throw std::runtime_error("the server speaks another language");
    return message;
}

Message Stranger::hear() {
    const auto message = hear_within(std::chrono::seconds(60));
    if (!message) throw std::runtime_error("the server says nothing");
    return *message;
}

void Stranger::greet(const Hello& hello) {
    say(Message(hello));
    if (!std::holds_alternative<Welcome>(hear())) throw std::runtime_error("not welcome");
}

std::string text_of(const std::vector<std::uint8_t>& bytes) { return {bytes.begin(), bytes.end()}; }

}  // namespace caplamp::test
