// SPDX-License-Identifier: Apache-2.0
// A server process with a terminal that lies to it, beside one that does not.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <memory>
#include <random>
#include <utility>
#include <vector>

#include "app/cuts.hpp"
#include "app/model_id.hpp"
#include "app/terminal_half.hpp"
#include "tests/app/link_programs.hpp"
#include "tests/app/scripted_source.hpp"
#include "tests/transport/link_rig.hpp"
#include "tests/transport/tcp_peer.hpp"

namespace caplamp::app {
namespace {

using nlohmann::json;
using test::Program;
using test::Stranger;
using transport::Envelope;
using transport::FrameHeader;
using transport::Message;
using transport::Result;
using transport::Status;

const cv::Size picture{120, 80};

class HostileTerminal : public test::InsecurePrograms {
protected:
    HostileTerminal()
        : model_(std::make_shared<const Model>(load_model(test::tiny_table, weights_))),
          cut_(name_of_cut(*model_, "4")),
          half_(model_, {.size = 64}) {}

    transport::Hello hello() const {
        return {.model = model_id(*model_), .classes = model_->classes};
    }
    /// What a well-behaved terminal sends.
    Envelope honest() {
        Envelope envelope = half_.run(test::noisy_frame(1, picture), {.cut = cut_});
        header(envelope).plan = 1;
        return envelope;
    }
    static FrameHeader& header(Envelope& envelope) {
        return std::get<FrameHeader>(envelope.message);
    }
    /// With these numbers in its tensors, again and again, and checksums that fit them.
    Envelope filled_with(const std::vector<float>& values) {
        Envelope envelope = honest();
        for (std::size_t i = 0; i < envelope.parts.size(); ++i) {
            zmq::message_t& part = envelope.parts[i];
            for (std::size_t k = 0; k < part.size() / sizeof(float); ++k) {
                part.data<float>()[k] = values[k % values.size()];
            }
            header(envelope).tensors[i].checksum = transport::checksum(transport::bytes_of(part));
        }
        return envelope;
    }
    Envelope jpeg(std::vector<std::uint8_t> file) {
        Envelope envelope = honest();
        header(envelope).plan = 2;
        header(envelope).tensors.clear();
        envelope.parts.clear();
        envelope.parts.push_back(transport::part_of(std::move(file)));
        return envelope;
    }
    /// Greets and names plan 1, the cut, and plan 2, pictures.
    void begin(Stranger& stranger) const {
        stranger.greet(hello());
        // As many boxes as a result may have.
        transport::Plan plan{.id = 1, .cut = cut_, .codec = "f32", .score = 0, .max_boxes = 10000};
        stranger.say(Message(plan));
        plan.id = 2;
        plan.cut = "jpeg";
        stranger.say(Message(plan));
    }
    static Status answer_to(Stranger& stranger, Envelope envelope) {
        stranger.say(std::move(envelope));
        return std::get<Result>(stranger.hear()).status;
    }

    std::shared_ptr<const Model> model_;
    std::string cut_;
    TerminalHalf half_;
};

TEST_F(HostileTerminal, GetsAnAnswerThatCanBeReadForNumbersThatAreNone) {
    Program running(server());
    Stranger stranger(address_of(running));
    begin(stranger);
    EXPECT_EQ(answer_to(stranger, honest()), Status::ok);
    using Limits = std::numeric_limits<float>;
    for (const float value : {Limits::quiet_NaN(), Limits::infinity(), -Limits::infinity()}) {
        // Not seen is not the same as nobody there.
        EXPECT_EQ(answer_to(stranger, filled_with({value})), Status::unknown) << value;
    }
    EXPECT_EQ(answer_to(stranger, filled_with({Limits::denorm_min()})), Status::ok);
    std::mt19937 random(1);
    for (int round = 0; round < 50; ++round) {
        // Some that are none, or so large that sums of them are none.
        std::vector<float> values(1 + random() % 2000, 0.5F);
        for (int i = 0; i < 3; ++i) {
            values[random() % values.size()] =
                std::ldexp(1.0F, static_cast<int>(random() % 129)) * (random() % 2 == 0 ? 1 : -1);
        }
        const Status status = answer_to(stranger, filled_with(values));
        EXPECT_TRUE(status == Status::ok || status == Status::unknown);
    }
    EXPECT_EQ(answer_to(stranger, honest()), Status::ok);
}

TEST_F(HostileTerminal, IsToldThatItsHeadersAndPicturesCannotBe) {
    Program running(server());
    Stranger stranger(address_of(running));
    begin(stranger);
    const auto refused = [&](auto change) {
        Envelope envelope = honest();
        change(header(envelope), envelope);
        EXPECT_EQ(answer_to(stranger, std::move(envelope)), Status::unknown);
    };
    refused([](FrameHeader& h, Envelope&) { h.input_width = h.input_height = 65535; });
    refused([](FrameHeader& h, Envelope&) { h.input_width = 0; });
    refused([](FrameHeader& h, Envelope&) { h.picture_width = 1; });
    refused([](FrameHeader& h, Envelope&) { h.picture_height = 65535; });
    refused([](FrameHeader& h, Envelope&) { h.tensors[0].shape = {65535, 65535, 65535}; });
    refused([](FrameHeader& h, Envelope&) { ++h.tensors[0].value; });
    refused([](FrameHeader& h, Envelope&) { h.plan = 3; });
    refused([](FrameHeader& h, Envelope& e) {
        e.parts[0].rebuild();
        h.tensors[0].checksum = transport::checksum({});
    });
    EXPECT_EQ(answer_to(stranger, jpeg({})), Status::unknown);
    EXPECT_EQ(answer_to(stranger, jpeg({0xFF, 0xD8, 0xFF, 0xD9})), Status::unknown);
    EXPECT_EQ(answer_to(stranger, jpeg(std::vector<std::uint8_t>(100'000, 0xFF))), Status::unknown);
    EXPECT_EQ(answer_to(stranger, honest()), Status::ok);
}

TEST_F(HostileTerminal, DoesNotDisturbAFileThatAnotherTerminalHasLookedAt) {
    Program running(server());
    const std::string address = address_of(running);
    Program job(terminal(
        film(200), address,
        {"--no-video", "--codec", "f32", "--config", settings("link: {patience_s: 300}\n")}));
    std::mt19937 random(1);
    const std::string honest_bytes = test::text_of(to_bytes(honest().message));
    do {
        test::TcpPeer(test::port_of(address)).send("GET / HTTP/1.1\r\n\r\n");
        Stranger stranger(address);
        stranger.say(std::vector<std::string>{"good morning", "x"});
        stranger.hear();
        begin(stranger);
        for (int i = 0; i < 20; ++i) {
            std::string damaged = honest_bytes;
            damaged[random() % damaged.size()] = static_cast<char>(random());
            stranger.say({damaged, std::string(random() % 5000, 'x')});
            stranger.hear();
        }
    } while (!job.has_ended());
    const test::Ending ending = job.wait();
    ASSERT_EQ(ending.code, 0) << ending.err;
    const std::vector<json> all = lines();
    ASSERT_EQ(all.size(), 200U);
    for (const json& line : all) EXPECT_EQ(line.at("status"), "ok") << line;
    EXPECT_FALSE(running.has_ended());
}

}  // namespace
}  // namespace caplamp::app
