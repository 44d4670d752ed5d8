// SPDX-License-Identifier: Apache-2.0
// Terminal and server as users start them, and what happens when one of them, or the network
// between them, fails: every frame of a file is accounted for exactly once.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <memory>
#include <random>
#include <thread>

#include "app/model_id.hpp"
#include "tests/app/link_programs.hpp"
#include "tests/transport/link_rig.hpp"
#include "tests/transport/tcp_peer.hpp"
#include "transport/link_emulator.hpp"

namespace caplamp::app {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using std::chrono::milliseconds;
using test::Ending;
using test::Program;
using testing::HasSubstr;
using transport::LinkDown;
using transport::LinkEmulator;
using transport::LinkUp;
using transport::TerminalEnd;

class LinkFault : public test::InsecurePrograms {
protected:
    /// A terminal that gives a server up after a second.
    std::vector<std::string> impatient(const std::string& source,
                                       const std::string& address) const {
        return terminal(
            source, address,
            {"--no-video", "--codec", "f32", "--config", settings("link: {patience_s: 1}\n")});
    }
    /// One that waits however slow the machine is.
    std::vector<std::string> patient(const std::string& source, const std::string& address) const {
        return terminal(
            source, address,
            {"--no-video", "--codec", "f32", "--config", settings("link: {patience_s: 300}\n")});
    }
    void wait_for_lines(Program& job, std::size_t count) const {
        while (!job.has_ended() && lines_so_far() < count) {
            std::this_thread::sleep_for(milliseconds(1));
        }
    }
    /// Each frame once, in order, looked at by somebody. How many were looked at alone.
    std::size_t expect_every_frame_once(std::size_t frames) const {
        const std::vector<json> all = lines();
        EXPECT_EQ(all.size(), frames);
        std::size_t alone = 0;
        for (std::size_t i = 0; i < all.size(); ++i) {
            EXPECT_EQ(all[i].at("frame"), i);
            EXPECT_TRUE(all[i].at("detections").is_array()) << all[i];
            alone += all[i].at("status") == "degraded" ? 1U : 0U;
        }
        return alone;
    }

    std::mt19937 random_{1};
};

TEST_F(LinkFault, AFileSurvivesServersThatAreKilledAtAnyTime) {
    const std::string source = film(300);
    auto running = std::make_unique<Program>(server());
    const std::string address = address_of(*running);
    for (int round = 0; round < 5; ++round) {
        Program job(impatient(source, address));
        wait_for_lines(job, random_() % 250);
        running.reset();  // SIGKILL
        running = std::make_unique<Program>(server(address));
        const Ending ending = job.wait();
        ASSERT_EQ(ending.code, 0) << ending.err;
        expect_every_frame_once(300);
    }
}

TEST_F(LinkFault, AKilledTerminalLeavesWholeLinesAndTheServerServesTheNext) {
    Program running(server());
    const std::string address = address_of(running);
    for (int round = 0; round < 5; ++round) {
        auto job = std::make_unique<Program>(patient(film(2000), address));
        wait_for_lines(*job, 1 + random_() % 150);
        ASSERT_FALSE(job->has_ended());
        job.reset();                                          // SIGKILL
        EXPECT_FALSE(fs::exists(out_ / "detections.jsonl"));  // no half result looks like a whole
        const std::size_t whole = lines_so_far();
        const auto left = test::lines_of(test::read_text(out_ / "detections.jsonl.part"));
        for (std::size_t i = 0; i < whole; ++i) EXPECT_EQ(json::parse(left[i]).at("frame"), i);
        const Ending next = test::run_program(patient(film(100), address));
        ASSERT_EQ(next.code, 0) << next.err;
        EXPECT_EQ(expect_every_frame_once(100), 0U);
        fs::remove(out_ / "detections.jsonl");
    }
}

TEST_F(LinkFault, TheServerForgetsATerminalThatIsKilled) {
    Program running(server("tcp://127.0.0.1:0", {"--config", settings("patience_s: 2\n")}));
    const std::string address = address_of(running);
    {
        Program job(impatient(film(3000), address));
        wait_for_lines(job, 20);
        while (!testing::Value(running.err_so_far(), HasSubstr("terminals=1"))) {
            ASSERT_FALSE(job.has_ended()) << job.wait().err;
            std::this_thread::sleep_for(milliseconds(5));
        }
    }
    while (!testing::Value(running.err_so_far(), HasSubstr("terminals=0"))) {
        ASSERT_FALSE(running.has_ended());
        std::this_thread::sleep_for(milliseconds(5));
    }
}

TEST_F(LinkFault, AFileSurvivesAServerThatStandsStill) {
    Program running(server());
    Program job(impatient(film(600), address_of(running)));
    wait_for_lines(job, 20);
    running.signal(SIGSTOP);
    const Ending ending = job.wait();
    running.signal(SIGCONT);
    ASSERT_EQ(ending.code, 0) << ending.err;
    EXPECT_GT(expect_every_frame_once(600), 0U);
    const Ending next = test::run_program(patient(film(30), address_of(running)));
    ASSERT_EQ(next.code, 0) << next.err;
    EXPECT_EQ(expect_every_frame_once(30), 0U);
}

TEST_F(LinkFault, TerminalsComeBackToAServerThatStoodStill) {
    Program running(server());
    const Model model = load_model(test::tiny_table, weights_);
    transport::TerminalEndConfig config = test::rig_terminal_config(address_of(running));
    config.hello = {.model = model_id(model), .classes = model.classes};
    config.patience = std::chrono::seconds(1);
    TerminalEnd first(config);
    TerminalEnd second(config);
    for (TerminalEnd* terminal : {&first, &second}) test::next_of<LinkUp>(*terminal);
    running.signal(SIGSTOP);
    for (TerminalEnd* terminal : {&first, &second}) {
        EXPECT_EQ(test::next_of<LinkDown>(*terminal).why, "silent");
        // Until it stands still no longer, nobody answers.
        EXPECT_EQ(test::next_of<LinkDown>(*terminal).why, "no answer");
    }
    running.signal(SIGCONT);
    for (TerminalEnd* terminal : {&first, &second}) {
        EXPECT_GT(test::next_of<LinkUp>(*terminal).session, 1U);
    }
}

TEST_F(LinkFault, AFileSurvivesAConnectionThatIsHalfOpen) {
    Program running(server());
    LinkEmulator network({.port = test::port_of(address_of(running))});
    Program job(impatient(film(600), network.address()));
    wait_for_lines(job, 20);
    network.stall();
    const Ending ending = job.wait();
    ASSERT_EQ(ending.code, 0) << ending.err;
    EXPECT_GT(expect_every_frame_once(600), 0U);
}

TEST_F(LinkFault, AFileSurvivesABadLinkThatIsCutAgainAndAgain) {
    Program running(server());
    LinkEmulator network(
        {.port = test::port_of(address_of(running)), .conditions = *transport::preset("wifi")});
    Program job(impatient(film(300), network.address()));
    for (std::size_t line = 20; line < 300; line += 1 + random_() % 60) {
        wait_for_lines(job, line);
        network.cut();
    }
    const Ending ending = job.wait();
    ASSERT_EQ(ending.code, 0) << ending.err;
    expect_every_frame_once(300);
    EXPECT_GT(network.counts().accepted, 1U);
}

}  // namespace
}  // namespace caplamp::app
