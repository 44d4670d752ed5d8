// SPDX-License-Identifier: Apache-2.0
// Keys as users make and revoke them: two processes, and a third that has no business there.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <thread>

#include "app/model.hpp"
#include "app/model_id.hpp"
#include "tests/app/link_programs.hpp"
#include "tests/app/tiny_model.hpp"
#include "tests/capture/camera_server.hpp"
#include "tests/transport/keyed_peer.hpp"

namespace caplamp::app {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using test::Ending;
using test::Program;
using testing::AllOf;
using testing::ContainsRegex;
using testing::HasSubstr;

class CaplampSecurity : public test::LinkPrograms {
protected:
    CaplampSecurity() {
        for (const char* name : {"server", "gate", "yard"}) {
            transport::write_key_pair(key(name), transport::new_key_pair());
        }
        allow({"gate"});
        // However slow the machine is, the server does not count as gone.
        test::write_text(folder_ / "patient.yaml", "link: {patience_s: 300}\n");
    }
    std::string key(const std::string& name) const { return (folder_ / "keys" / name).string(); }
    /// As an operator does it: cat gate.pub yard.pub > allowed.
    void allow(const Words& names) const {
        std::string text = "# terminals\n";
        for (const std::string& name : names) text += test::read_text(key(name) + ".pub");
        test::write_text(key("new"), text);
        fs::rename(key("new"), key("allowed"));
    }
    Words secure_server() const {
        return server({"--key", key("server") + ".key", "--allow", key("allowed")});
    }
    Words secure_terminal(const std::string& source, const std::string& address,
                          const std::string& own, const std::string& server = "server") const {
        return terminal(source, address,
                        {"--key", key(own) + ".key", "--server-key", key(server) + ".pub",
                         "--no-video", "--config", (folder_ / "patient.yaml").string()});
    }
    transport::Hello hello() const {
        const Model model = load_model(test::tiny_table, weights_);
        return {.terminal = 7, .model = model_id(model), .classes = model.classes};
    }
    /// How many frames so far have that status, and a reason with these words.
    long count(const std::string& status, const std::string& words = "") const {
        return std::ranges::count_if(lines(), [&](const json& line) {
            return line.at("status") == status &&
                   line.value("reason", "").find(words) != std::string::npos;
        });
    }
    static void wait_until(Program& program, const std::function<bool()>& happened) {
        while (!happened()) {
            ASSERT_FALSE(program.has_ended()) << program.wait().err;
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
        }
    }
    static void wait_for_word(Program& program, const std::string& pattern) {
        wait_until(program,
                   [&] { return testing::Matches(ContainsRegex(pattern))(program.err_so_far()); });
    }
};

TEST_F(CaplampSecurity, KeysFromKeygenOpenTheLink) {
    for (const char* name : {"mast", "base"}) {
        EXPECT_THAT(test::run_program({"keygen", key(name)}).out,
                    AllOf(HasSubstr(key(name) + ".key: "), HasSubstr(key(name) + ".pub: ")));
    }
    allow({"mast"});
    Program server_program(server({"--key", key("base") + ".key", "--allow", key("allowed")}));
    const std::string address = address_of(server_program);
    const Ending ending = test::run_program(secure_terminal(film(5), address, "mast", "base"));
    ASSERT_EQ(ending.code, 0) << ending.err;
    EXPECT_EQ(count("ok"), 5);
    EXPECT_THAT(server_program.err_so_far(), HasSubstr("encrypted=yes allowed_terminals=1"));
    const Ending again = test::run_program({"keygen", key("mast")});
    EXPECT_EQ(again.code, 2);
    EXPECT_THAT(again.err, HasSubstr("mast.key: exists already"));
}

TEST_F(CaplampSecurity, ATerminalThatIsNotAllowedGoesOnAloneAndSaysWhy) {
    Program server_program(secure_server());
    const std::string address = address_of(server_program);
    const Ending ending = test::run_program(secure_terminal(film(5), address, "yard"));
    ASSERT_EQ(ending.code, 0) << ending.err;
    EXPECT_EQ(count("degraded", "the server does not allow this terminal's key"), 5);
    EXPECT_THAT(ending.out, HasSubstr("link=down why="));
    wait_for_word(server_program, "terminals=0 .* denied=[1-9]");
}

TEST_F(CaplampSecurity, AnotherServerAtTheAddressGetsNoFrame) {
    Program server_program(secure_server());
    const std::string address = address_of(server_program);
    test::write_text(folder_ / "patient.yaml", "link: {patience_s: 0.3}\n");
    const Ending ending = test::run_program(secure_terminal(film(5), address, "gate", "yard"));
    ASSERT_EQ(ending.code, 0) << ending.err;
    EXPECT_EQ(count("degraded", "the server has another key than is known here"), 5);
    EXPECT_THAT(ending.out, HasSubstr("sent=0"));
}

TEST_F(CaplampSecurity, ARevokedTerminalIsCutOffAndComesBackWhenAllowedAgain) {
    Program server_program(secure_server());
    const std::string address = address_of(server_program);
    const test::LoopbackServer camera = test::http_camera(test::Manner::repeats, 10);
    Program job(secure_terminal(camera.address("http"), address, "gate"));
    wait_until(job, [&] { return count("ok") > 5; });
    allow({"yard"});
    wait_until(job, [&] { return count("degraded", "does not allow this terminal's key") > 5; });
    const auto before = count("ok");
    allow({"yard", "gate"});
    wait_until(job, [&] { return count("ok") > before + 5; });
    job.interrupt();
    EXPECT_EQ(job.wait().code, 130);
    EXPECT_THAT(server_program.err_so_far(), HasSubstr("allowed_terminals=2"));
}

TEST_F(CaplampSecurity, AListThatHasBecomeWrongChangesNothing) {
    Program server_program(secure_server());
    const std::string address = address_of(server_program);
    test::write_text(key("allowed"), "# terminals\ngate\n");
    wait_for_word(server_program, "level=error .*allowed:2: must begin with a key");
    const Ending ending = test::run_program(secure_terminal(film(3), address, "gate"));
    ASSERT_EQ(ending.code, 0) << ending.err;
    EXPECT_EQ(count("ok"), 3);
}

TEST_F(CaplampSecurity, AReplayedIdentityIsAStranger) {
    allow({"gate", "yard"});
    Program server_program(secure_server());
    const std::string address = address_of(server_program);
    const transport::PublicKey server_key = transport::read_public_key(key("server") + ".pub");
    const auto peer = [&](const std::string& name) {
        return std::make_unique<test::KeyedPeer>(
            address, transport::read_secret_key(key(name) + ".key"), server_key, "gate");
    };
    auto gate = peer("gate");
    gate->say({hello()});
    ASSERT_TRUE(std::holds_alternative<transport::Welcome>(gate->hear()));
    gate.reset();
    // ZeroMQ hears the second peer of this name only once the first is seen to have left.
    std::unique_ptr<test::KeyedPeer> thief;
    std::optional<transport::Message> answer;
    while (!answer) {
        thief = peer("yard");
        thief->say({transport::Plan{.id = 1, .cut = "jpeg", .codec = "f16"}});
        answer = thief->hear_within(std::chrono::milliseconds(300));
    }
    EXPECT_EQ(*answer, transport::Message(transport::Goodbye{"say hello first"}));
}

TEST_F(CaplampSecurity, NothingTalksOverANetworkWithoutKeysUnasked) {
    const std::string sentence = "make keys with caplamp keygen and name them with --key and --";
    for (const char* address : {"tcp://0.0.0.0:0", "tcp://127.0.0.1:0"}) {
        const Ending ending = test::run_program(server({}, address));
        EXPECT_EQ(ending.code, 2);
        EXPECT_THAT(ending.err,
                    AllOf(HasSubstr(address), HasSubstr(sentence), HasSubstr("or add --insecure")));
    }
    const std::string source = film(2);
    const Ending ending = test::run_program(terminal(source, "tcp://127.0.0.1:1", {}));
    EXPECT_EQ(ending.code, 2);
    EXPECT_THAT(ending.err, AllOf(HasSubstr(sentence), HasSubstr("or add --insecure")));
    const Ending half_server = test::run_program(server({"--key", key("server") + ".key"}));
    EXPECT_EQ(half_server.code, 2);
    EXPECT_THAT(half_server.err, HasSubstr("--key and --allow: one is of no use"));
    const Ending half_terminal = test::run_program(
        terminal(source, "tcp://127.0.0.1:1", {"--server-key", key("server") + ".pub"}));
    EXPECT_EQ(half_terminal.code, 2);
    EXPECT_THAT(half_terminal.err, HasSubstr("--key and --server-key: one is of no use"));
}

TEST_F(CaplampSecurity, AFileSocketNeedsNoKeys) {
    Program server_program(server({}, "ipc://" + (folder_ / "socket").string()));
    const Ending ending =
        test::run_program(terminal(film(3), address_of(server_program), {"--no-video"}));
    ASSERT_EQ(ending.code, 0) << ending.err;
    EXPECT_EQ(count("ok"), 3);
}

TEST_F(CaplampSecurity, ASecretKeyThatOthersMayReadIsNotUsed) {
    fs::permissions(key("server") + ".key", fs::perms::group_read, fs::perm_options::add);
    const Ending ending = test::run_program(secure_server());
    EXPECT_EQ(ending.code, 2);
    EXPECT_THAT(ending.err, HasSubstr("server.key: others may read this secret key; chmod 600"));
}

}  // namespace
}  // namespace caplamp::app
