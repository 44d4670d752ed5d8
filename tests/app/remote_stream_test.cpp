// SPDX-License-Identifier: Apache-2.0
// A terminal and a server in one process.
#include "app/remote_stream.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <future>
#include <limits>
#include <thread>

#include "app/cuts.hpp"
#include "app/model_id.hpp"
#include "core/error.hpp"
#include "tests/app/scripted_source.hpp"
#include "tests/app/tiny_link.hpp"
#include "transport/server_end.hpp"

namespace caplamp::app {
namespace {

using test::RunningServer;
using test::TinyLink;

TEST_F(TinyLink, EveryCutGivesTheBoxesOfTheWholeNetworkToTheLastBit) {
    const RunningServer server(server_config());
    Detector whole(model_, detector_config());
    Detector reference(model_, detector_config());
    std::size_t boxes = 0;
    for (const std::string& cut : cuts_of(*model_)) {
        if (cut == "jpeg") continue;
        test::ScriptedSource source(test::noisy_frames(5, {120, 80}));
        TerminalHalf first = half();
        TerminalLink link(link_to(server.address()));
        RemoteStream stream(source, first, whole, link, cut_after(cut), {});
        for (std::uint64_t i = 0; i < 5; ++i) {
            const auto timed = stream.next();
            ASSERT_TRUE(timed.has_value());
            EXPECT_EQ(timed->result.status, FrameStatus::ok) << timed->result.reason;
            EXPECT_EQ(timed->result.sequence, i);
            const Detections expected = reference.run(test::noisy_frame(i, {120, 80}).image);
            EXPECT_EQ(timed->result.detections, expected) << cut;
            boxes += expected.size();
        }
        EXPECT_FALSE(stream.next().has_value());
    }
    EXPECT_GT(boxes, 20U);
}

TEST_F(TinyLink, TheCutChangesBetweenFramesAndNoBoxDoes) {
    const RunningServer server(server_config());
    Detector whole(model_, detector_config());
    Detector reference(model_, detector_config());
    test::ScriptedSource source(test::noisy_frames(60, {120, 80}));
    TerminalHalf first = half();
    TerminalLink link(link_to(server.address()));
    RemoteStream stream(source, first, whole, link, cut_after("3"), {});
    const std::vector<std::string> cuts{"9", "1", "6-0"};
    for (std::uint64_t i = 0; i < 60; ++i) {
        if (i % 4 == 0) stream.use({.cut = cuts[i / 4 % cuts.size()]});
        const auto timed = stream.next();
        ASSERT_TRUE(timed.has_value());
        ASSERT_EQ(timed->result.status, FrameStatus::ok) << timed->result.reason;
        EXPECT_EQ(timed->result.sequence, i);
        EXPECT_EQ(timed->result.detections, reference.run(test::noisy_frame(i, {120, 80}).image));
    }
    EXPECT_EQ(stream.counts().frames, 60U);
    EXPECT_EQ(stream.counts().outages, 0U);
    EXPECT_THROW(stream.use({.cut = "77"}), Error);
    EXPECT_THROW(stream.use({.codec = *transport::parse_codec("q8")}), Error);
}

TEST_F(TinyLink, CamerasShareALinkAndGetTheirOwnBoxes) {
    const RunningServer server(server_config());
    TerminalLink link(link_to(server.address()));
    const auto watch = [&](std::uint64_t first_picture, const std::string& cut) {
        Detector whole(model_, detector_config());
        Detector reference(model_, detector_config());
        test::ScriptedSource source([&](std::uint64_t i) -> std::optional<capture::Captured> {
            if (i >= 20) return std::nullopt;
            Frame frame = test::noisy_frame(first_picture + i, {120, 80});
            frame.sequence = i;
            return frame;
        });
        TerminalHalf first = half();
        RemoteStream stream(source, first, whole, link, cut_after(cut), {});
        for (std::uint64_t i = 0; i < 20; ++i) {
            const auto timed = stream.next();
            ASSERT_TRUE(timed.has_value());
            EXPECT_EQ(timed->result.status, FrameStatus::ok) << timed->result.reason;
            EXPECT_EQ(timed->result.detections,
                      reference.run(test::noisy_frame(first_picture + i, {120, 80}).image));
        }
    };
    std::vector<std::future<void>> cameras;
    for (const std::uint64_t number : {0U, 100U, 200U}) {
        cameras.push_back(std::async(std::launch::async, watch, number, number == 0 ? "3" : "9"));
    }
    for (std::future<void>& camera : cameras) camera.get();
}

TEST_F(TinyLink, AJpegIsLookedAtWhole) {
    const RunningServer server(server_config());
    Detector whole(model_, detector_config());
    test::ScriptedSource source(test::noisy_frames(3, {120, 80}));
    TerminalHalf first = half();
    TerminalLink link(link_to(server.address()));
    RemoteStream stream(source, first, whole, link, cut_after("jpeg"), {});
    while (const auto timed = stream.next()) {
        EXPECT_EQ(timed->result.status, FrameStatus::ok) << timed->result.reason;
    }
    EXPECT_EQ(stream.counts().frames, 3U);
}

TEST_F(TinyLink, FinishesAFrameAloneThatIsTooLargeForTheServer) {
    transport::ServerEnd server(
        {.listen = "tcp://127.0.0.1:0",
         .model = model_id(*model_),
         .classes = model_->classes,
         .welcome = {.credits = 1, .largest_message = 1000, .cuts = {"3"}, .codecs = {"f32"}}});
    Detector whole(model_, detector_config());
    test::ScriptedSource source(test::noisy_frames(2, {120, 80}));
    TerminalHalf first = half();
    TerminalLink link(link_to(server.address()));
    RemoteStream stream(source, first, whole, link, cut_after("3"), {});
    for (int i = 0; i < 2; ++i) {
        const auto timed = stream.next();
        ASSERT_TRUE(timed.has_value());
        EXPECT_EQ(timed->result.status, FrameStatus::degraded);
        EXPECT_THAT(timed->result.reason, testing::HasSubstr("the server takes no messages of"));
    }
}

TEST_F(TinyLink, FinishesFramesAloneWhileThereIsNoServer) {
    Detector whole(model_, detector_config());
    test::ScriptedSource source(test::noisy_frames(5, {120, 80}));
    TerminalHalf first = half();
    TerminalLink link(no_server());
    RemoteStream stream(source, first, whole, link, cut_after("3"), {});
    Detector reference(model_, detector_config());
    for (std::uint64_t i = 0; i < 5; ++i) {
        const auto timed = stream.next();
        ASSERT_TRUE(timed.has_value());
        EXPECT_EQ(timed->result.status, FrameStatus::degraded);
        EXPECT_EQ(timed->result.reason, "tcp://127.0.0.1:1: no answer");
        EXPECT_EQ(timed->result.detections, reference.run(test::noisy_frame(i, {120, 80}).image));
    }
    EXPECT_FALSE(stream.next().has_value());
}

TEST_F(TinyLink, EveryFrameHasOneResultThoughTheServerComesAndGoes) {
    auto server = std::make_unique<RunningServer>(server_config());
    ServerConfig again = server_config();
    again.listen = server->address();
    Detector whole(model_, detector_config());
    test::ScriptedSource source(test::noisy_frames(1000000, {120, 80}));
    TerminalHalf first = half();
    TerminalLink link(link_to(again.listen));
    RemoteStream stream(source, first, whole, link, cut_after("3"), {});
    std::uint64_t expected = 0;
    int ok = 0;
    int alone = 0;
    // Until it was seen to work with a server, without one, and with one again.
    for (int phase = 0; phase < 3;) {
        const auto timed = stream.next();
        ASSERT_TRUE(timed.has_value());
        ASSERT_EQ(timed->result.sequence, expected++);
        ASSERT_TRUE(was_looked_at(timed->result.status)) << timed->result.reason;
        const bool with_server = timed->result.status == FrameStatus::ok;
        ok += with_server ? 1 : 0;
        alone += with_server ? 0 : 1;
        if (phase == 0 && ok > 5) {
            server.reset();
            phase = 1;
        } else if (phase == 1 && alone > 5) {
            server = std::make_unique<RunningServer>(again);
            ok = 0;
            phase = 2;
        } else if (phase == 2 && ok > 5) {
            phase = 3;
        }
    }
    EXPECT_GE(stream.counts().outages, 1U);
}

TEST_F(TinyLink, AServerWithOtherWeightsIsRefusedAndTheTerminalGoesOnAlone) {
    const RunningServer server(server_config());
    Detector whole(model_, detector_config());
    test::ScriptedSource source(test::noisy_frames(2, {120, 80}));
    TerminalHalf first = half();
    transport::TerminalEndConfig another = link_to(server.address());
    another.hello.model = "another";
    TerminalLink link(another);
    RemoteStream stream(source, first, whole, link, cut_after("3"), {});
    const auto timed = stream.next();
    ASSERT_TRUE(timed.has_value());
    EXPECT_EQ(timed->result.status, FrameStatus::degraded);
    EXPECT_THAT(timed->result.reason, testing::HasSubstr("this server runs another model"));
}

TEST_F(TinyLink, EndsWhenStoppedAndThrowsWhatBrokeTheSource) {
    const RunningServer server(server_config());
    Detector whole(model_, detector_config());
    TerminalHalf first = half();
    TerminalLink link(link_to(server.address()));
    {
        test::ScriptedSource endless(test::noisy_frames(1000000, {120, 80}));
        std::stop_source stop;
        RemoteStream stream(endless, first, whole, link, cut_after("3"), stop.get_token());
        ASSERT_TRUE(stream.next().has_value());
        stop.request_stop();
        EXPECT_FALSE(stream.next().has_value());
    }
    test::ScriptedSource fragile([](std::uint64_t i) -> std::optional<capture::Captured> {
        if (i == 3) throw Error("script: broke");
        return test::noisy_frame(i, {120, 80});
    });
    RemoteStream stream(fragile, first, whole, link, cut_after("3"), {});
    int frames = 0;
    EXPECT_THROW(while (stream.next())++ frames, Error);
    EXPECT_EQ(frames, 3);
}

TEST_F(TinyLink, ThrowsWhenTheNetworkFailsWithFramesOnTheWay) {
    auto broken = std::make_shared<Model>(*model_);
    for (auto& [name, array] : broken->weights.arrays) {
        std::ranges::fill(array.values, std::numeric_limits<float>::quiet_NaN());
    }
    Detector alone(std::shared_ptr<const Model>(broken), detector_config());
    test::ScriptedSource source(test::noisy_frames(5, {120, 80}));
    TerminalHalf first = half();
    TerminalLink link(no_server());
    RemoteStream stream(source, first, alone, link, cut_after("3"), {});
    EXPECT_THROW(stream.next(), Error);
}

TEST_F(TinyLink, CutsHaveTheNamesOfTheTable) {
    EXPECT_EQ(name_of_cut(*model_, "4"), "4-0");
    EXPECT_EQ(name_of_cut(*model_, "jpeg"), "jpeg");
    EXPECT_EQ(name_of_cut(*model_, "auto"), "3");
    EXPECT_THROW(name_of_cut(*model_, "77"), Error);
    EXPECT_EQ(cuts_of(*model_).front(), "0");
}

}  // namespace
}  // namespace caplamp::app
