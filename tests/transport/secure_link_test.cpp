// SPDX-License-Identifier: Apache-2.0
// Both ends of the encrypted link, in one process.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <thread>

#include "core/error.hpp"
#include "tests/transport/keyed_peer.hpp"
#include "transport/server_end.hpp"
#include "transport/terminal_end.hpp"

namespace caplamp::transport {
namespace {

using std::chrono::milliseconds;
using test::KeyedPeer;

/// The next event, which must be of that kind.
template <class T>
T expect_next(TerminalEnd& terminal) {
    const auto event = terminal.next({});
    if (const auto* wanted = std::get_if<T>(&*event)) return *wanted;
    const auto* down = std::get_if<LinkDown>(&*event);
    throw Error("another event" + (down != nullptr ? ": " + down->why : ""));
}

class SecureLink : public testing::Test {
protected:
    ServerEndConfig server_config(std::set<PublicKey> allowed) const {
        ServerEndConfig config{
            .listen = "tcp://127.0.0.1:0",
            .keys = ServerKeys{server_.secret_key, AllowList(std::move(allowed))},
            .model = "m1"};
        config.patience = std::chrono::hours(1);
        config.welcome.credits = 2;
        config.welcome.cuts = {"3"};
        config.welcome.codecs = {"f32"};
        return config;
    }
    TerminalEndConfig terminal_config(const std::string& server, const KeyPair& own) const {
        return {.servers = {server},
                .keys = TerminalKeys{own.secret_key, {server_.public_key}},
                .hello = {.terminal = 7, .model = "m1"},
                .patience = std::chrono::seconds(60),
                .first_retry = milliseconds(5),
                .longest_retry = milliseconds(20)};
    }
    KeyedPeer peer(const ServerEnd& server, const KeyPair& own, const std::string& id = "") const {
        return {server.address(), own.secret_key, server_.public_key, id};
    }
    static Plan plan() { return {.id = 1, .cut = "3", .codec = "f32"}; }
    static Hello hello() { return {.terminal = 7, .model = "m1"}; }
    static Envelope frame(std::uint64_t sequence) {
        std::vector<std::uint8_t> bytes{1, 2, 3, 4};
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

    const KeyPair server_ = new_key_pair();
    const KeyPair gate_ = new_key_pair();
    const KeyPair yard_ = new_key_pair();
    const Message revoked_ = Refusal{"this terminal's key is no longer allowed"};
    const Message stranger_ = Goodbye{"say hello first"};
};

TEST_F(SecureLink, CarriesFramesOfAllowedTerminals) {
    ServerEnd server(server_config({gate_.public_key, yard_.public_key}));
    for (const KeyPair& own : {gate_, yard_}) {
        TerminalEnd terminal(terminal_config(server.address(), own));
        const LinkUp up = expect_next<LinkUp>(terminal);
        terminal.send(up.session, {plan()});
        terminal.send(up.session, frame(5));
        server.answer(*server.next({}), {});
        EXPECT_EQ(expect_next<LinkResult>(terminal).result.sequence, 5U);
    }
    EXPECT_EQ(server.counts().denied, 0U);
}

TEST_F(SecureLink, LetsNobodyElseInAndCountsThem) {
    ServerEnd server(server_config({gate_.public_key}));
    TerminalEnd terminal(terminal_config(server.address(), yard_));
    EXPECT_EQ(expect_next<LinkDown>(terminal).why, "the server does not allow this terminal's key");
    EXPECT_GE(server.counts().denied, 1U);
    EXPECT_EQ(server.counts().terminals, 0U);
    server.allow(AllowList({yard_.public_key}));
    while (!std::holds_alternative<LinkUp>(*terminal.next({}))) {
    }
    EXPECT_EQ(server.counts().terminals, 1U);
}

TEST_F(SecureLink, ATerminalBelievesOnlyTheServerWhoseKeyItKnows) {
    const ServerEnd server(server_config({gate_.public_key}));
    TerminalEndConfig config = terminal_config(server.address(), gate_);
    config.keys->servers = {yard_.public_key};
    config.patience = milliseconds(300);
    TerminalEnd terminal(config);
    EXPECT_EQ(expect_next<LinkDown>(terminal).why,
              "the connection broke off at once; the server has another key than is known here");
    EXPECT_EQ(server.counts().terminals, 0U);
}

TEST_F(SecureLink, NeverFallsBackToPlainWords) {
    const ServerEnd secure(server_config({gate_.public_key}));
    TerminalEndConfig config = terminal_config(secure.address(), gate_);
    config.keys.reset();
    config.patience = milliseconds(300);
    TerminalEnd without_keys(config);
    EXPECT_EQ(expect_next<LinkDown>(without_keys).why,
              "the connection broke off at once; does the server want keys?");
    EXPECT_EQ(secure.counts().terminals, 0U);
    ServerEndConfig plain_config = server_config({});
    plain_config.keys.reset();
    const ServerEnd plain(plain_config);
    config = terminal_config(plain.address(), gate_);
    config.patience = milliseconds(300);
    TerminalEnd with_keys(config);
    EXPECT_THAT(expect_next<LinkDown>(with_keys).why, testing::HasSubstr("key"));
    EXPECT_EQ(plain.counts().terminals, 0U);
}

TEST_F(SecureLink, ARevokedTerminalIsCutOffWithItsFrames) {
    ServerEnd server(server_config({gate_.public_key, yard_.public_key}));
    TerminalEnd revoked(terminal_config(server.address(), gate_));
    TerminalEnd other(terminal_config(server.address(), yard_));
    const std::uint32_t session = expect_next<LinkUp>(revoked).session;
    const std::uint32_t other_session = expect_next<LinkUp>(other).session;
    revoked.send(session, {plan()});
    revoked.send(session, frame(0));
    while (server.counts().waiting == 0) std::this_thread::yield();
    server.allow(AllowList({yard_.public_key}));
    EXPECT_EQ(expect_next<LinkDown>(revoked).why, "this terminal's key is no longer allowed");
    while (server.counts().waiting != 0) std::this_thread::yield();
    EXPECT_EQ(expect_next<LinkDown>(revoked).why, "the server does not allow this terminal's key");
    other.send(other_session, {plan()});
    other.send(other_session, frame(3));
    EXPECT_EQ(server.next({})->header.sequence, 3U);
    EXPECT_EQ(server.counts().terminals, 1U);
}

TEST_F(SecureLink, ARevokedTerminalThatStaysConnectedIsRefused) {
    ServerEnd server(server_config({gate_.public_key}));
    KeyedPeer gate = peer(server, gate_);
    gate.say({hello()});
    EXPECT_TRUE(std::holds_alternative<Welcome>(gate.hear()));
    server.allow(AllowList{});
    EXPECT_EQ(gate.hear(), revoked_);  // unasked
    for (const bool greets_again : {true, false}) {
        greets_again ? gate.say({hello()}) : gate.say(frame(0));
        EXPECT_EQ(gate.hear(), revoked_);
    }
    EXPECT_EQ(server.counts().terminals, 0U);
    EXPECT_EQ(server.counts().frames, 0U);
}

TEST_F(SecureLink, ATakenRoutingIdDoesNotGetWhatAnotherKeyLeftUnderIt) {
    ServerEnd server(server_config({gate_.public_key, yard_.public_key}));
    auto gate = std::make_unique<KeyedPeer>(peer(server, gate_, "gate"));
    gate->say({hello()});
    EXPECT_TRUE(std::holds_alternative<Welcome>(gate->hear()));
    gate->say({plan()});
    gate->say(frame(0));
    const auto job = server.next({});
    gate.reset();
    // ZeroMQ hears the second peer of this name only once the first is seen to have left.
    std::unique_ptr<KeyedPeer> thief;
    std::optional<Message> answer;
    while (!answer) {
        thief = std::make_unique<KeyedPeer>(peer(server, yard_, "gate"));
        thief->say(frame(1));
        answer = thief->hear_within(milliseconds(200));
    }
    EXPECT_EQ(*answer, stranger_);
    thief->say({hello()});  // with the number of the other's start
    EXPECT_TRUE(std::holds_alternative<Welcome>(thief->hear()));
    server.answer(*job, {.detections = {{.class_id = 0, .score = 0.5F, .box = {1, 2, 3, 4}}}});
    while (server.counts().answered == 0) std::this_thread::yield();
    thief->say(frame(2));
    EXPECT_EQ(thief->hear(), Message(Result{.plan = 1,
                                            .sequence = 2,
                                            .status = Status::unknown,
                                            .reason = "its plan is unknown",
                                            .credits = 1}));
}

TEST_F(SecureLink, AConnectedTerminalKeepsItsRoutingId) {
    ServerEnd server(server_config({gate_.public_key, yard_.public_key}));
    KeyedPeer gate = peer(server, gate_, "gate");
    gate.say({hello()});
    EXPECT_TRUE(std::holds_alternative<Welcome>(gate.hear()));
    KeyedPeer thief = peer(server, yard_, "gate");
    thief.say({Goodbye{}});
    EXPECT_FALSE(thief.hear_within(milliseconds(300)).has_value());
    gate.say({Ping{42}});
    EXPECT_EQ(gate.hear(), Message(Pong{42}));
}

TEST_F(SecureLink, AMessageThatIsTooLargeEndsItsConnectionUnread) {
    ServerEndConfig config = server_config({gate_.public_key});
    config.welcome.largest_message = 1000;
    const ServerEnd server(config);
    KeyedPeer gate = peer(server, gate_);
    gate.say({hello()});
    EXPECT_TRUE(std::holds_alternative<Welcome>(gate.hear()));
    gate.say_raw(std::string(1001, 'x'));
    // It has to begin again. What is said before the end of the connection is lost.
    std::optional<Message> answer;
    while (!answer || *answer == Message(Pong{1})) {
        gate.say({Ping{1}});
        answer = gate.hear_within(milliseconds(50));
    }
    EXPECT_EQ(*answer, stranger_);
    EXPECT_EQ(server.counts().refused, 0U);
}

TEST_F(SecureLink, KeysAreOneForAllServersOrOneForEach) {
    TerminalEndConfig config = terminal_config("tcp://127.0.0.1:1", gate_);
    config.servers.resize(3, config.servers.front());
    EXPECT_NO_THROW(TerminalEnd{config});
    config.keys->servers.resize(2, server_.public_key);
    EXPECT_THROW(TerminalEnd{config}, Error);
}

}  // namespace
}  // namespace caplamp::transport
