// SPDX-License-Identifier: Apache-2.0
// Both ends of the link, in one process, over loopback.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <zmq.hpp>

#include "core/error.hpp"
#include "transport/server_end.hpp"
#include "transport/terminal_end.hpp"

namespace caplamp::transport {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

ServerEndConfig server_config() {
    ServerEndConfig config{.listen = "tcp://127.0.0.1:0", .model = "m1", .classes = {"helmet"}};
    config.welcome.credits = 2;
    config.welcome.cuts = {"3", "jpeg"};
    config.welcome.codecs = {"f32", "q8"};
    return config;
}

TerminalEndConfig terminal_config(const std::vector<std::string>& servers) {
    return {.servers = servers,
            .hello = {.model = "m1", .classes = {"helmet"}},
            .ping_interval = milliseconds(50),
            .patience = std::chrono::seconds(30),
            .first_retry = milliseconds(5),
            .longest_retry = milliseconds(20)};
}

Envelope frame(std::uint64_t sequence, std::vector<std::uint8_t> bytes = {1, 2, 3, 4}) {
    FrameHeader header{.plan = 1,
                       .sequence = sequence,
                       .picture_width = 64,
                       .picture_height = 48,
                       .tensors = {{.value = 7,
                                    .shape = {1, 1, 1},
                                    .codec = *parse_codec("f32"),
                                    .checksum = checksum(bytes)}}};
    Envelope envelope{header};
    envelope.parts.push_back(part_of(std::move(bytes)));
    return envelope;
}

/// The next event of that kind; others are skipped.
template <class T>
T wait_for(TerminalEnd& terminal) {
    while (true) {
        auto event = terminal.next({});
        if (auto* wanted = std::get_if<T>(&*event)) return *wanted;
    }
}

/// Greets and sends the plan that frame() names.
std::uint32_t begin(TerminalEnd& terminal) {
    const std::uint32_t session = wait_for<LinkUp>(terminal).session;
    terminal.send(session, {Plan{.id = 1, .cut = "3", .codec = "f32"}});
    return session;
}

TEST(Link, CarriesFramesThereAndResultsBack) {
    ServerEnd server(server_config());
    TerminalEnd terminal(terminal_config({server.address()}));
    const LinkUp up = wait_for<LinkUp>(terminal);
    EXPECT_EQ(up.welcome, server_config().welcome);
    terminal.send(up.session, {Plan{.id = 1, .cut = "3", .codec = "f32"}});
    for (std::uint64_t i = 0; i < 100; ++i) {
        terminal.send(up.session, frame(i, {static_cast<std::uint8_t>(i), 5}));
        const auto job = server.next({});
        EXPECT_EQ(job->plan->cut, "3");
        EXPECT_EQ(job->header.sequence, i);
        ASSERT_EQ(job->parts.size(), 1U);
        EXPECT_THAT(bytes_of(job->parts[0]), testing::ElementsAre(i, 5));
        server.answer(*job, {.detections = {{.class_id = 0, .score = 0.5F, .box = {1, 2, 3, 4}}}});
        const LinkResult answer = wait_for<LinkResult>(terminal);
        EXPECT_EQ(answer.session, up.session);
        EXPECT_EQ(answer.result.sequence, i);
        EXPECT_EQ(answer.result.status, Status::ok);
        EXPECT_EQ(answer.result.credits, 1);
        EXPECT_EQ(answer.result.detections.size(), 1U);
    }
}

TEST(Link, RefusesAnotherModelWithTheReason) {
    const ServerEnd server(server_config());
    TerminalEndConfig config = terminal_config({server.address()});
    config.hello.model = "m2";
    TerminalEnd other_model(config);
    EXPECT_EQ(wait_for<LinkDown>(other_model).why, "this server runs another model: m1, not m2");
    config = terminal_config({server.address()});
    config.hello.protocol = 9;
    TerminalEnd other_protocol(config);
    EXPECT_EQ(wait_for<LinkDown>(other_protocol).why, "this server speaks protocol 1, not 9");
}

TEST(Link, AnswersFramesBeyondTheCreditsAsDropped) {
    ServerEnd server(server_config());
    TerminalEnd terminal(terminal_config({server.address()}));
    const std::uint32_t session = begin(terminal);
    for (std::uint64_t i = 0; i < 3; ++i) terminal.send(session, frame(i));
    const LinkResult answer = wait_for<LinkResult>(terminal);
    EXPECT_EQ(answer.result.sequence, 2U);
    EXPECT_EQ(answer.result.status, Status::dropped);
    server.answer(*server.next({}), {});
    EXPECT_EQ(wait_for<LinkResult>(terminal).result.sequence, 0U);
    terminal.send(session, frame(3));  // the credit has come back
    EXPECT_EQ(server.next({})->header.sequence, 1U);
    EXPECT_EQ(server.next({})->header.sequence, 3U);
}

TEST(Link, AnswersAFrameThatCannotBeLookedAt) {
    const ServerEnd server(server_config());
    TerminalEnd terminal(terminal_config({server.address()}));
    const std::uint32_t session = begin(terminal);
    const auto answer_to = [&](Envelope envelope) {
        terminal.send(session, std::move(envelope));
        const Result result = wait_for<LinkResult>(terminal).result;
        EXPECT_EQ(result.status, Status::unknown);
        return result.reason;
    };
    Envelope damaged = frame(0);
    damaged.parts[0].data<std::uint8_t>()[1] ^= 1;
    EXPECT_EQ(answer_to(std::move(damaged)), "a tensor was damaged on the way");
    Envelope partless = frame(1);
    partless.parts.clear();
    EXPECT_EQ(answer_to(std::move(partless)), "the parts are not those the header names");
    Envelope planless = frame(2);
    std::get<FrameHeader>(planless.message).plan = 99;
    EXPECT_EQ(answer_to(std::move(planless)), "its plan is unknown");
    Envelope other = frame(3);
    std::get<FrameHeader>(other.message).tensors[0].codec = *parse_codec("f16");
    EXPECT_EQ(answer_to(std::move(other)), "another codec than its plan");
}

TEST(Link, RefusesPlansItCannotRun) {
    const ServerEnd server(server_config());
    const auto why_not = [&](const Plan& plan) {
        TerminalEnd terminal(terminal_config({server.address()}));
        terminal.send(wait_for<LinkUp>(terminal).session, {plan});
        return wait_for<LinkDown>(terminal).why;
    };
    EXPECT_EQ(why_not({.id = 1, .cut = "77", .codec = "f32"}), "77: no such cut");
    EXPECT_EQ(why_not({.id = 1, .cut = "3", .codec = "q4"}), "q4: no such codec");
    EXPECT_EQ(why_not({.id = 1, .cut = "3", .codec = "q8", .scales = 5}),
              "the plan names no scales of its codec");
}

TEST(Link, HandsTheScalesToTheJob) {
    ServerEnd server(server_config());
    TerminalEnd terminal(terminal_config({server.address()}));
    const std::uint32_t session = wait_for<LinkUp>(terminal).session;
    const ScaleTable table{.bits = 8, .tensors = {{.ranges = {{0, 0.5F}}}}};
    terminal.send(session, {Scales{to_bytes(table)}});
    terminal.send(session, {Plan{.id = 1, .cut = "3", .codec = "q8", .scales = table.id()}});
    Envelope envelope = frame(0);
    std::get<FrameHeader>(envelope.message).tensors[0].codec = *parse_codec("q8");
    terminal.send(session, std::move(envelope));
    EXPECT_EQ(*server.next({})->scales, table);
}

TEST(Link, GoesOnToTheNextServerAndComesBackAfterARestart) {
    auto server = std::make_unique<ServerEnd>(server_config());
    const std::string address = server->address();
    TerminalEndConfig config = terminal_config({"tcp://127.0.0.1:1", address});
    config.patience = milliseconds(200);
    TerminalEnd terminal(config);
    const LinkUp first = wait_for<LinkUp>(terminal);
    EXPECT_EQ(first.server, address);
    server.reset();
    EXPECT_EQ(wait_for<LinkDown>(terminal).session, first.session);
    ServerEndConfig again = server_config();
    again.listen = address;
    server = std::make_unique<ServerEnd>(again);
    EXPECT_NE(wait_for<LinkUp>(terminal).session, first.session);
}

TEST(Link, ForgetsWhatBelongsToAnotherSession) {
    ServerEnd server(server_config());
    TerminalEnd terminal(terminal_config({server.address()}));
    const std::uint32_t session = begin(terminal);
    terminal.send(session + 1, frame(0));
    terminal.send(session, frame(1));
    EXPECT_EQ(server.next({})->header.sequence, 1U);
}

TEST(Link, HandsOutNothingOnceStoppedHoweverMuchWaits) {
    ServerEnd server(server_config());
    TerminalEnd terminal(terminal_config({server.address()}));
    const std::uint32_t session = begin(terminal);
    terminal.send(session, frame(0));
    terminal.send(session, frame(1));
    while (server.counts().waiting < 2) std::this_thread::yield();
    server.answer(*server.next({}), {});
    std::stop_source stop;
    stop.request_stop();
    EXPECT_FALSE(server.next(stop.get_token()).has_value());
    EXPECT_FALSE(terminal.next(stop.get_token()).has_value());
    EXPECT_EQ(server.counts().waiting, 1U);
}

TEST(Link, ForgetsATerminalThatLeavesWithItsFrames) {
    ServerEnd server(server_config());
    {
        TerminalEnd terminal(terminal_config({server.address()}));
        const std::uint32_t session = begin(terminal);
        terminal.send(session, frame(0));
        while (server.counts().waiting == 0) std::this_thread::yield();
        EXPECT_EQ(server.counts().terminals, 1U);
        EXPECT_EQ(server.counts().waiting_bytes, 4U);
    }
    while (server.counts().terminals != 0) std::this_thread::yield();
    EXPECT_EQ(server.counts().waiting, 0U);
    EXPECT_EQ(server.counts().waiting_bytes, 0U);
}

TEST(Link, ForgetsATerminalThatFallsSilent) {
    ServerEndConfig config = server_config();
    config.patience = milliseconds(200);
    const ServerEnd server(config);
    TerminalEndConfig quiet = terminal_config({server.address()});
    quiet.ping_interval = std::chrono::hours(1);
    quiet.patience = milliseconds(1000);
    TerminalEnd terminal(quiet);
    wait_for<LinkUp>(terminal);
    while (server.counts().terminals != 0) std::this_thread::yield();
    EXPECT_EQ(wait_for<LinkDown>(terminal).session, 1U);
}

TEST(Link, OutlivesAPeerThatSpeaksAnotherLanguage) {
    ServerEnd server(server_config());
    zmq::context_t context;
    zmq::socket_t stranger(context, zmq::socket_type::dealer);
    stranger.set(zmq::sockopt::linger, 0);
    stranger.connect(server.address());
    stranger.send(zmq::str_buffer("good morning"), zmq::send_flags::none);
    zmq::message_t answer;
    ASSERT_TRUE(stranger.recv(answer));
    EXPECT_EQ(parse_message(bytes_of(answer)),
              Message(Refusal{"this is not a message of caplamp"}));
    const std::vector<std::uint8_t> early = to_bytes(std::get<FrameHeader>(frame(0).message));
    stranger.send(zmq::buffer(early), zmq::send_flags::none);
    ASSERT_TRUE(stranger.recv(answer));
    EXPECT_EQ(parse_message(bytes_of(answer)), Message(Goodbye{"say hello first"}));
    for (int i = 0; i < 1000; ++i) {
        stranger.send(zmq::str_buffer("x"), zmq::send_flags::sndmore | zmq::send_flags::dontwait);
    }
    stranger.send(zmq::str_buffer("x"), zmq::send_flags::none);
    ASSERT_TRUE(stranger.recv(answer));
    EXPECT_EQ(parse_message(bytes_of(answer)),
              Message(Refusal{"this is not a message of caplamp"}));
    TerminalEnd terminal(terminal_config({server.address()}));
    wait_for<LinkUp>(terminal);
}

TEST(Link, AddressesAreChecked) {
    for (const char* address : {"", "tcp://", "tcp://host", "tcp://host:port", "http://host:1",
                                "tcp://host:70000", "ipc://"}) {
        EXPECT_THROW(TerminalEnd(terminal_config({address})), Error) << address;
    }
    EXPECT_THROW(TerminalEnd(terminal_config({})), Error);
    const ServerEnd server(server_config());
    ServerEndConfig taken = server_config();
    taken.listen = server.address();
    EXPECT_THROW(ServerEnd{taken}, Error);
}

}  // namespace
}  // namespace caplamp::transport
