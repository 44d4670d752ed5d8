// SPDX-License-Identifier: Apache-2.0
#include "transport/link_emulator.hpp"

#include <gtest/gtest.h>

#include <future>
#include <random>
#include <thread>

#include "core/error.hpp"
#include "tests/transport/tcp_peer.hpp"

namespace caplamp::transport {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using test::TcpListener;
using test::TcpPeer;

std::string random_bytes(std::size_t count) {
    std::mt19937 random(1);
    std::string bytes(count, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    return bytes;
}

class Emulated : public testing::Test {
protected:
    explicit Emulated(const LinkConditions& conditions = {})
        : emulator_({.port = server_.port(), .conditions = conditions}) {}

    /// A terminal's end and the server's end of a connection through the emulator.
    std::pair<TcpPeer, TcpPeer> connect() {
        TcpPeer terminal(test::port_of(emulator_.address()));
        return {std::move(terminal), server_.accept()};
    }
    template <class Claim>
    void wait_until(Claim claim) const {
        while (!claim(emulator_.counts())) std::this_thread::sleep_for(milliseconds(1));
    }

    TcpListener server_;
    LinkEmulator emulator_;
};

TEST_F(Emulated, CarriesBytesBothWaysUnchanged) {
    emulator_.set({.up = {.megabits_per_second = 400, .delay = milliseconds(1)},
                   .down = {.delay = milliseconds(1), .jitter = milliseconds(2)}});
    const auto ends = connect();
    const TcpPeer& terminal = ends.first;
    const TcpPeer& server = ends.second;
    const std::string bytes = random_bytes(2'000'000);
    auto up = std::async(std::launch::async, [&] { return terminal.send(bytes); });
    EXPECT_EQ(server.receive(bytes.size()), bytes);
    EXPECT_TRUE(up.get());
    auto down = std::async(std::launch::async, [&] { return server.send(bytes); });
    EXPECT_EQ(terminal.receive(bytes.size()), bytes);
    EXPECT_TRUE(down.get());
    EXPECT_EQ(emulator_.counts().up_bytes, bytes.size());
    EXPECT_EQ(emulator_.counts().down_bytes, bytes.size());
    EXPECT_EQ(emulator_.counts().on_the_way, 0U);
}

TEST_F(Emulated, PassesTheEndOfEachDirectionOn) {
    auto [terminal, server] = connect();
    terminal.send("last words");
    terminal.end_sending();
    EXPECT_EQ(server.receive(100), "last words");  // and no more
    server.send("understood");
    server.end_sending();
    EXPECT_EQ(terminal.receive(100), "understood");
    wait_until([](const LinkEmulatorCounts& c) { return c.connections == 0; });
}

TEST_F(Emulated, AStalledLinkDeliversNothingUntilItIsResumed) {
    auto [terminal, server] = connect();
    terminal.send("before");
    EXPECT_EQ(server.receive(6), "before");
    emulator_.stall();
    terminal.send("during");
    std::this_thread::sleep_for(milliseconds(50));
    EXPECT_FALSE(server.has_something());
    EXPECT_FALSE(terminal.has_something());  // nobody is told
    EXPECT_EQ(emulator_.counts().connections, 1U);
    emulator_.resume();
    EXPECT_EQ(server.receive(6), "during");
}

TEST_F(Emulated, ACutEndsEveryConnectionAtBothEndsAndNewOnesAreWelcome) {
    auto [terminal, server] = connect();
    terminal.send("x");
    EXPECT_EQ(server.receive(1), "x");
    emulator_.cut();
    EXPECT_EQ(server.receive(1), "");
    EXPECT_EQ(terminal.receive(1), "");
    EXPECT_EQ(emulator_.counts().connections, 0U);
    auto [again, accepted] = connect();
    again.send("y");
    EXPECT_EQ(accepted.receive(1), "y");
    EXPECT_EQ(emulator_.counts().accepted, 2U);
}

TEST_F(Emulated, ASenderIsHeldBackWhenTheLinkIsFull) {
    // An hour of delay: nothing comes out while the test runs.
    auto [terminal, server] = connect();
    emulator_.set({.up = {.megabits_per_second = 1e-3, .delay = hours(1)}});
    std::size_t sent = 0;
    // 1 kbit/s for an hour are 450,000 bytes; beyond them lie the kernel's buffers.
    for (int idle = 0; idle < 50;) {
        const std::size_t now = terminal.send_without_waiting(1 << 20);
        sent += now;
        idle = now == 0 ? idle + 1 : 0;
        std::this_thread::sleep_for(milliseconds(2));
        ASSERT_LE(sent, 64U << 20) << "the emulator takes whatever it gets";
    }
    EXPECT_LE(emulator_.counts().on_the_way, 460'000U);
    EXPECT_GT(emulator_.counts().on_the_way, 0U);
}

TEST_F(Emulated, EndsAtOnceHoweverMuchIsOnTheWay) {
    emulator_.set({.up = {.megabits_per_second = 1, .delay = hours(1)}});
    auto [terminal, server] = connect();
    terminal.send(random_bytes(10'000));
    wait_until([](const LinkEmulatorCounts& c) { return c.on_the_way == 10'000; });
}

TEST_F(Emulated, AServerThatIsNotThereEndsTheConnection) {
    std::uint16_t nobody = 0;
    {
        const TcpListener gone;
        nobody = gone.port();
    }
    const LinkEmulator emulator({.port = nobody});
    const TcpPeer terminal(test::port_of(emulator.address()));
    EXPECT_EQ(terminal.receive(1), "");
}

TEST_F(Emulated, ComplainsAboutWhatItCannotUse) {
    const std::uint16_t taken = test::port_of(emulator_.address());
    EXPECT_THROW(LinkEmulator({.listen = taken}), Error);
    EXPECT_THROW(LinkEmulator({.host = "no such host"}), Error);
    EXPECT_THROW(LinkEmulator({.conditions = {.up = {.megabits_per_second = -1}}}), Error);
    EXPECT_THROW(emulator_.set({.down = {.megabits_per_second = -1}}), Error);
}

}  // namespace
}  // namespace caplamp::transport
