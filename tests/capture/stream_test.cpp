// SPDX-License-Identifier: Apache-2.0
// Cameras over the network that misbehave: none may hold a thread.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "capture/source.hpp"
#include "core/error.hpp"
#include "tests/capture/camera_server.hpp"
#include "tests/capture/test_media.hpp"

namespace caplamp::capture {
namespace {

using std::chrono::milliseconds;
using test::http_camera;
using test::LoopbackServer;
using test::Manner;
using test::rtsp_camera;
using testing::HasSubstr;

std::string complaint_about(const CaptureConfig& config) {
    try {
        open_source(config);
    } catch (const Error& e) {
        return e.what();
    }
    return "no error";
}

TEST(Stream, GivesUpOnACameraThatNeverAnswers) {
    const LoopbackServer camera = http_camera(Manner::silent);
    for (const std::string scheme : {"http", "rtsp"}) {
        const CaptureConfig config{.source = camera.address(scheme),
                                   .open_deadline = milliseconds(300)};
        EXPECT_EQ(complaint_about(config), config.source + ": no answer within 0.3 s");
    }
}

TEST(Stream, SaysThatThePasswordIsWrongWithoutShowingIt) {
    for (const std::string scheme : {"http", "rtsp"}) {
        const LoopbackServer camera = scheme == "http" ? http_camera(Manner::asks_password)
                                                       : rtsp_camera(Manner::asks_password);
        std::string address = camera.address(scheme);
        address.insert(7, "admin:hunter2@");
        const std::string complaint = complaint_about({.source = address});
        EXPECT_THAT(complaint, HasSubstr("wrong user or password (401)"));
        EXPECT_THAT(complaint, Not(HasSubstr("hunter2")));
    }
}

TEST(Stream, SaysWhenNobodyListens) {
    int port = 0;
    { port = http_camera(Manner::silent).port(); }
    const std::string source = "http://127.0.0.1:" + std::to_string(port) + "/x";
    EXPECT_THAT(complaint_about({.source = source}), HasSubstr("Connection refused"));
}

/// Reads until the first LostFrame; returns how many whole frames came before it.
int frames_before_outage(Source& source, std::string& why) {
    for (int frames = 0;; ++frames) {
        const auto captured = source.next({});
        if (!captured) return -1;
        if (const auto* lost = std::get_if<LostFrame>(&*captured)) {
            why = lost->why;
            return frames;
        }
    }
}

/// What happens twice to a camera that sends 40 pictures and then falls silent.
void expect_reconnects(const LoopbackServer& camera, const std::string& scheme) {
    const auto source = open_source({.source = camera.address(scheme),
                                     .open_deadline = milliseconds(5000),
                                     .read_deadline = milliseconds(400),
                                     .first_retry = milliseconds(5)});
    EXPECT_TRUE(source->info().live);
    for (int outage = 1; outage <= 2; ++outage) {
        std::string why;
        EXPECT_EQ(frames_before_outage(*source, why), 40) << scheme;
        EXPECT_THAT(why, HasSubstr("no frame for 0.4 s"));
        EXPECT_GE(camera.calls(), outage);
    }
}

TEST(Stream, LosesNoFrameAndReconnectsWhenACameraStallsInMidStream) {
    expect_reconnects(http_camera(Manner::stalls, 40), "http");
    expect_reconnects(rtsp_camera(Manner::stalls, 40), "rtsp");
}

TEST(Stream, ReconnectsToACameraThatHangsUp) {
    const LoopbackServer camera = http_camera(Manner::hangs_up, 40);
    const auto source =
        open_source({.source = camera.address("http"), .first_retry = milliseconds(5)});
    std::string why;
    EXPECT_GT(frames_before_outage(*source, why), 20);
    EXPECT_THAT(why, HasSubstr("the stream ended"));
    EXPECT_GT(frames_before_outage(*source, why), 20);
}

TEST(Stream, EndsAtOnceWhenAskedToStopDuringASilence) {
    const LoopbackServer camera = http_camera(Manner::stalls, 40);
    const auto source =
        open_source({.source = camera.address("http"), .read_deadline = std::chrono::hours(1)});
    std::stop_source stop;
    std::jthread reader([&] {
        while (source->next(stop.get_token())) {
        }
    });
    stop.request_stop();
    reader.join();  // hangs for an hour if the stop is not heard
}

TEST(Stream, EndsAtOnceWhenAskedToStopWhileOpening) {
    const LoopbackServer camera = http_camera(Manner::silent);
    std::stop_source stop;
    std::jthread opener([&] {
        EXPECT_THROW(
            open_source({.source = camera.address("http"), .open_deadline = std::chrono::hours(1)},
                        stop.get_token()),
            Error);
    });
    while (camera.calls() == 0) std::this_thread::yield();
    stop.request_stop();
    opener.join();
}

}  // namespace
}  // namespace caplamp::capture
