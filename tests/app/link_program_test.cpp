// SPDX-License-Identifier: Apache-2.0
// Terminal and server as users start them: two processes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <thread>

#include "tests/app/link_programs.hpp"

namespace caplamp::app {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using test::Ending;
using test::Program;
using testing::HasSubstr;

/// On this machine, without keys.
class CaplampLink : public test::InsecurePrograms {};

TEST_F(CaplampLink, LeavesWhatDetectLeaves) {
    Program server_program(server());
    const std::string source = film(12);
    // However slow the machine is, the server does not count as gone.
    const fs::path config = folder_ / "patient.yaml";
    test::write_text(config, "link: {patience_s: 300}\n");
    const Ending split =
        test::run_program(terminal(source, address_of(server_program),
                                   {"--cut", "4", "--codec", "f32", "--config", config.string()}));
    ASSERT_EQ(split.code, 0) << split.err;
    EXPECT_THAT(split.out, HasSubstr("sent=12"));
    EXPECT_TRUE(fs::exists(out_ / "overlay.mp4"));
    const std::string split_lines = test::read_text(out_ / "detections.jsonl");
    const Ending whole =
        test::run_program(terminal(source, "tcp://127.0.0.1:1", {"--cut", "local"}));
    ASSERT_EQ(whole.code, 0) << whole.err;
    EXPECT_EQ(split_lines, test::read_text(out_ / "detections.jsonl"));
    EXPECT_EQ(lines().size(), 12U);
}

TEST_F(CaplampLink, AFileSurvivesAServerThatIsKilledWithEveryFrameOnce) {
    auto first = std::make_unique<Program>(server());
    const std::string address = address_of(*first);
    Program job(terminal(film(600), address, {"--no-video", "--codec", "f32"}));
    const fs::path part = out_ / "detections.jsonl.part";
    while (!job.has_ended() && test::lines_of(test::read_text(part)).size() < 20) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    first.reset();  // SIGKILL
    const Program second(server(address));
    const Ending ending = job.wait();
    ASSERT_EQ(ending.code, 0) << ending.err;
    const std::vector<json> frames = lines();
    ASSERT_EQ(frames.size(), 600U);
    for (std::size_t i = 0; i < frames.size(); ++i) {
        EXPECT_EQ(frames[i].at("frame"), i);
        EXPECT_TRUE(frames[i].at("detections").is_array()) << frames[i];
    }
}

TEST_F(CaplampLink, SendsCodesOnceItsScalesAreCalibrated) {
    Program server_program(server());
    const std::string source = film(12);
    const Ending calibrated =
        test::run_program({"calibrate", source, "--model", test::tiny_table.string(), "--weights",
                           weights_.string(), "--size", "64"});
    ASSERT_EQ(calibrated.code, 0) << calibrated.err;
    EXPECT_TRUE(fs::exists(folder_ / "tiny.scales"));
    const std::string address = address_of(server_program);
    for (const char* codec : {"q8", "q2+zstd", "q1+rans"}) {
        const Ending split = test::run_program(
            terminal(source, address, {"--cut", "6-0", "--codec", codec, "--no-video"}));
        ASSERT_EQ(split.code, 0) << split.err;
        EXPECT_THAT(split.out, HasSubstr("alone=0")) << codec;
        for (const json& line : lines()) EXPECT_EQ(line.at("status"), "ok") << line;
    }
    test::write_text(folder_ / "tiny.scales", "something else");
    const Ending damaged = test::run_program(terminal(source, address, {"--codec", "q8"}));
    EXPECT_EQ(damaged.code, 2);
    EXPECT_THAT(damaged.err, HasSubstr("tiny.scales: is damaged"));
}

TEST_F(CaplampLink, SeveralCamerasShareOneLinkAndABrokenOneDoesNotEndTheOthers) {
    Program server_program(server());
    const std::string source = film(12);
    std::vector<std::string> words = terminal(source, address_of(server_program), {"--no-video"});
    words.erase(words.begin() + 1);
    for (const std::string& camera :
         {"gate=" + source, "yard=" + source, std::string("roof=missing.avi")}) {
        words.insert(words.end(), {"--camera", camera});
    }
    const Ending ending = test::run_program(words);
    EXPECT_EQ(ending.code, 2);
    EXPECT_THAT(ending.err, HasSubstr("roof: missing.avi"));
    const std::string gate = test::read_text(out_ / "gate" / "detections.jsonl");
    EXPECT_EQ(test::lines_of(gate).size(), 12U);
    EXPECT_EQ(gate, test::read_text(out_ / "yard" / "detections.jsonl"));
}

TEST_F(CaplampLink, SaysWhatIsWrongWithTheCommandLine) {
    const auto complaint = [&](const Words& more) {
        const Ending ending = test::run_program(terminal(film(2), "tcp://127.0.0.1:1", more));
        EXPECT_EQ(ending.code, 2);
        return ending.err;
    };
    EXPECT_THAT(complaint({"--cut", "77"}), HasSubstr("77"));
    EXPECT_THAT(complaint({"--codec", "f8"}), HasSubstr("codec: f8"));
    EXPECT_THAT(complaint({"--codec", "q8"}), HasSubstr("tiny.scales: no scales are there"));
    EXPECT_THAT(complaint({"--camera", "gate"}), HasSubstr("gate is not NAME=SOURCE"));
    EXPECT_THAT(complaint({"--server", "nowhere"}), HasSubstr("nowhere: is not an address"));
    Program taken(server());
    const Ending twice = test::run_program(server(address_of(taken)));
    EXPECT_EQ(twice.code, 2);
    EXPECT_THAT(twice.err, HasSubstr("cannot be listened at"));
}

TEST_F(CaplampLink, TheServerEndsOnCtrlC) {
    Program program(server());
    address_of(program);
    program.interrupt();
    EXPECT_EQ(program.wait().code, 130);
}

}  // namespace
}  // namespace caplamp::app
