// SPDX-License-Identifier: Apache-2.0
// Peers that are broken, hostile or cut off: whatever they do, the others are served.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <random>

#include "tests/transport/link_rig.hpp"
#include "tests/transport/tcp_peer.hpp"
#include "transport/link_emulator.hpp"

namespace caplamp::transport {
namespace {

using std::chrono::milliseconds;
using test::AnsweringServer;
using test::GoodTerminal;
using test::Stranger;
using test::TcpPeer;

std::string noise(std::size_t count, unsigned seed) {
    std::mt19937 random(seed);
    std::string bytes(count, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    return bytes;
}

/// ZMTP 3.1, mechanism NULL: as a ZeroMQ peer begins.
std::string greeting() {
    std::string bytes("\xFF\0\0\0\0\0\0\0\1\x7F\3\1NULL", 16);
    bytes.resize(64, '\0');
    return bytes;
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool memory_is_given_back = false;  // a sanitizer keeps what was freed
#else
constexpr bool memory_is_given_back = true;
#endif

std::size_t resident_bytes() {
    std::ifstream file("/proc/self/statm");
    std::size_t all = 0;
    std::size_t resident = 0;
    file >> all >> resident;
    return resident * 4096;
}

std::ptrdiff_t open_descriptors() {
    namespace fs = std::filesystem;
    return std::distance(fs::directory_iterator("/proc/self/fd"), fs::directory_iterator());
}

TEST(LinkFault, RawTcpPeersDisturbNobody) {
    const AnsweringServer server;
    GoodTerminal good(server.address());
    const std::uint16_t port = test::port_of(server.address());
    const std::string endless_ready = greeting() + "\6" + std::string(8, '\x7F');
    for (const std::string& words :
         {std::string("GET / HTTP/1.1\r\n\r\n"), noise(100'000, 1), greeting().substr(0, 12),
          greeting() + noise(1000, 2), endless_ready, std::string(10, '\0'), std::string()}) {
        const TcpPeer stays(port);
        stays.send(words);
        EXPECT_TRUE(good.is_served(5));
        TcpPeer(port).send(words);  // and goes at once
        EXPECT_TRUE(good.is_served(5));
    }
    EXPECT_EQ(server.counts().terminals, 1U);
}

TEST(LinkFault, ADealerThatSpeaksGarbageIsRefusedEachTime) {
    const AnsweringServer server;
    GoodTerminal good(server.address());
    Stranger stranger(server.address());
    const std::string hello = test::text_of(to_bytes(Hello{.model = "m1", .classes = {"helmet"}}));
    for (unsigned i = 0; i < 200; ++i) {
        std::string damaged = hello;
        damaged[i % damaged.size()] = static_cast<char>(noise(1, i)[0] | 1);
        const std::vector<std::string> parts(1 + i % 20, i % 2 == 0 ? noise(i * 7, i) : damaged);
        stranger.say(parts);
        stranger.hear();  // a refusal, or a welcome where the damage hit nothing that matters
        if (i % 10 == 0) {
            EXPECT_TRUE(good.is_served());
        }
    }
    EXPECT_GE(server.counts().refused, 100U);
    EXPECT_TRUE(good.is_served());
}

TEST(LinkFault, AHelloOfAnotherKindIsRefusedWithTheReason) {
    const AnsweringServer server;
    GoodTerminal good(server.address());
    Stranger stranger(server.address());
    const auto answer_to = [&](const Hello& hello) {
        stranger.say(Message(hello));
        const Message answer = stranger.hear();
        const auto* refusal = std::get_if<Refusal>(&answer);
        return refusal == nullptr ? "no refusal" : refusal->reason;
    };
    EXPECT_EQ(answer_to({.protocol = 9, .model = "m1", .classes = {"helmet"}}),
              "this server speaks protocol 1, not 9");
    EXPECT_EQ(answer_to({.model = "m2", .classes = {"helmet"}}),
              "this server runs another model: m1, not m2");
    EXPECT_THAT(answer_to({.model = "m1", .classes = {"hat"}}),
                testing::HasSubstr("another model"));
    stranger.say(test::rig_frame(1));
    EXPECT_EQ(stranger.hear(), Message(Goodbye{"say hello first"}));
    EXPECT_TRUE(good.is_served());
    EXPECT_EQ(server.counts().terminals, 1U);
}

TEST(LinkFault, AnOversizedMessageEndsThatConnectionAlone) {
    ServerEndConfig config = test::rig_server_config();
    config.welcome.largest_message = 1U << 20;
    const AnsweringServer server(config);
    GoodTerminal good(server.address());
    Stranger stranger(server.address());
    stranger.greet({.model = "m1", .classes = {"helmet"}});
    stranger.say(Message(test::rig_plan()));
    stranger.say(test::rig_frame(1, std::vector<std::uint8_t>(1U << 20)));
    ASSERT_TRUE(std::holds_alternative<Result>(stranger.hear()));
    stranger.say(test::rig_frame(2, std::vector<std::uint8_t>((1U << 20) + 1)));
    // ZeroMQ calls again, and the server does not know who that is. What is said meanwhile is lost.
    std::optional<Message> answer;
    while (!answer) {
        stranger.say(Message(Ping{}));
        EXPECT_TRUE(good.is_served());
        answer = stranger.hear_within(milliseconds(20));
    }
    EXPECT_EQ(answer, Message(Goodbye{"say hello first"}));
}

TEST(LinkFault, APeerThatNeverReadsIsForgottenBeforeItFillsTheMemory) {
    const AnsweringServer server;
    GoodTerminal good(server.address());
    Stranger stranger(server.address());
    stranger.greet({.model = "m1", .classes = {"helmet"}});
    server.wait_for_terminals(2);
    const std::size_t before = resident_bytes();
    // Each is refused with a letter of its own length, which nobody reads.
    const Message impossible = Plan{.id = 1, .cut = std::string(1000, 'x'), .codec = "f32"};
    int said = 0;
    for (; said < 200'000 && server.counts().terminals == 2; ++said) {
        if (!stranger.say_without_waiting(impossible)) std::this_thread::yield();
        if (said % 1000 == 0) {
            ASSERT_TRUE(good.is_served());
        }
    }
    EXPECT_LT(said, 200'000) << "it is still known";
    EXPECT_TRUE(good.is_served(5));
    if (memory_is_given_back) {
        EXPECT_LT(resident_bytes(), before + (48U << 20));
    }
}

TEST(LinkFault, MoreTerminalsThanThereIsRoomForAreRefused) {
    ServerEndConfig config = test::rig_server_config();
    config.most_terminals = 2;
    const AnsweringServer server(config);
    GoodTerminal good(server.address());
    Stranger second(server.address());
    second.greet({.model = "m1", .classes = {"helmet"}});
    Stranger third(server.address());
    third.say(Message(Hello{.model = "m1", .classes = {"helmet"}}));
    EXPECT_EQ(third.hear(), Message(Refusal{"too many terminals"}));
    EXPECT_TRUE(good.is_served());
    second.say(Message(Goodbye{}));
    server.wait_for_terminals(1);
    third.greet({.model = "m1", .classes = {"helmet"}});
}

TEST(LinkFault, AHalfOpenConnectionIsGivenUpByBothEndsAndComesBack) {
    ServerEndConfig config = test::rig_server_config();
    config.patience = std::chrono::seconds(3);
    const AnsweringServer server(config);
    LinkEmulator network({.port = test::port_of(server.address())});
    TerminalEndConfig far = test::rig_terminal_config(network.address());
    far.patience = milliseconds(1000);
    TerminalEnd terminal(far);
    const LinkUp first = test::next_of<LinkUp>(terminal);
    GoodTerminal good(server.address());
    network.stall();
    const LinkDown down = test::next_of<LinkDown>(terminal);
    EXPECT_EQ(down.session, first.session);
    EXPECT_EQ(down.why, "silent");
    while (server.counts().terminals != 1) ASSERT_TRUE(good.is_served());
    network.resume();
    EXPECT_GT(test::next_of<LinkUp>(terminal).session, first.session);
    EXPECT_TRUE(good.is_served(5));
}

TEST(LinkFault, ACutConnectionComesBackEachTime) {
    const AnsweringServer server;
    LinkEmulator network({.port = test::port_of(server.address())});
    TerminalEndConfig far = test::rig_terminal_config(network.address());
    far.patience = milliseconds(1000);
    TerminalEnd terminal(far);
    GoodTerminal good(server.address());
    std::uint32_t session = 0;
    for (int round = 0; round < 5; ++round) {
        const LinkUp up = test::next_of<LinkUp>(terminal);
        EXPECT_GT(up.session, session);
        session = up.session;
        network.cut();
        EXPECT_TRUE(good.is_served(5));
    }
    test::next_of<LinkUp>(terminal);
}

TEST(LinkFault, AThousandShortTerminalsLeaveMemoryAndDescriptorsAsTheyWere) {
    const AnsweringServer server;
    GoodTerminal good(server.address());
    const auto come_and_go = [&](int count) {
        for (int i = 0; i < count; ++i) {
            GoodTerminal terminal(server.address());
            ASSERT_TRUE(terminal.is_served()) << i;
        }
        server.wait_for_terminals(1);
    };
    come_and_go(100);
    const std::size_t bytes = resident_bytes();
    const std::ptrdiff_t descriptors = open_descriptors();
    come_and_go(900);
    // ZeroMQ closes what has ended in its own time.
    while (open_descriptors() > descriptors) std::this_thread::sleep_for(milliseconds(1));
    if (memory_is_given_back) {
        EXPECT_LT(resident_bytes(), bytes + (8U << 20));
    }
    EXPECT_EQ(server.counts().frames, 1000U);
    EXPECT_TRUE(good.is_served());
}

}  // namespace
}  // namespace caplamp::transport
