// SPDX-License-Identifier: Apache-2.0
#include "app/link_config.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.hpp"

namespace caplamp::app {
namespace {

template <class Config>
std::string complaint_about(const std::string& yaml) {
    try {
        Config::read(ConfigNode::parse(yaml, "x.yaml"));
    } catch (const ConfigError& e) {
        return e.what();
    }
    return "no error";
}

void expect_equal(const TerminalConfig& a, const TerminalConfig& b) {
    EXPECT_EQ(a.detect.detector.model, b.detect.detector.model);
    EXPECT_EQ(a.detect.detector.size, b.detect.detector.size);
    EXPECT_EQ(a.detect.output.folder, b.detect.output.folder);
    EXPECT_EQ(a.link.servers, b.link.servers);
    EXPECT_EQ(a.cameras, b.cameras);
    EXPECT_EQ(a.link.key, b.link.key);
    EXPECT_EQ(a.link.server_keys, b.link.server_keys);
    EXPECT_EQ(a.link.insecure, b.link.insecure);
    EXPECT_EQ(a.link.plan.cut, b.link.plan.cut);
    EXPECT_EQ(a.link.plan.codec, b.link.plan.codec);
    EXPECT_EQ(a.link.plan.jpeg_quality, b.link.plan.jpeg_quality);
    EXPECT_EQ(a.link.plan.scales, b.link.plan.scales);
    EXPECT_EQ(a.link.patience, b.link.patience);
}

void expect_equal(const ServerConfig& a, const ServerConfig& b) {
    EXPECT_EQ(a.model, b.model);
    EXPECT_EQ(a.weights, b.weights);
    EXPECT_EQ(a.listen, b.listen);
    EXPECT_EQ(a.key, b.key);
    EXPECT_EQ(a.allow, b.allow);
    EXPECT_EQ(a.insecure, b.insecure);
    EXPECT_EQ(a.workers, b.workers);
    EXPECT_EQ(a.threads, b.threads);
    EXPECT_EQ(a.credits, b.credits);
    EXPECT_EQ(a.terminals, b.terminals);
    EXPECT_EQ(a.patience, b.patience);
}

TEST(LinkConfig, TheShippedFilesHoldTheDefaults) {
    expect_equal(TerminalConfig::load("config/terminal.yaml"), TerminalConfig{});
    expect_equal(ServerConfig::load("config/server.yaml"), ServerConfig{});
    EXPECT_EQ(ConfigNode::load("config/terminal.yaml")["link"].keys().size(), 9U);
    EXPECT_EQ(ConfigNode::load("config/server.yaml").keys().size(), 11U);
}

TEST(LinkConfig, ComplaintsNameLineAndSetting) {
    EXPECT_THAT(complaint_about<TerminalConfig>("link:\n  cuts: 3\n"),
                testing::StartsWith("x.yaml:2: link.cuts: "));
    EXPECT_THAT(complaint_about<TerminalConfig>("link: {jpeg_quality: 0}\n"),
                testing::StartsWith("x.yaml:1: link.jpeg_quality: "));
    EXPECT_THAT(complaint_about<TerminalConfig>("cameras:\n- {name: a/b, source: x.avi}\n"),
                testing::StartsWith("x.yaml:2: cameras[0].name: "));
    EXPECT_THAT(complaint_about<TerminalConfig>(
                    "cameras:\n- {name: gate, source: x.avi}\n- {name: gate, source: y.avi}\n"),
                testing::HasSubstr("two cameras are called gate"));
    EXPECT_THAT(complaint_about<TerminalConfig>("lnk: {}\n"), testing::HasSubstr("link"));
    EXPECT_THAT(complaint_about<ServerConfig>("workers: 0\n"),
                testing::StartsWith("x.yaml:1: workers: "));
    EXPECT_THAT(complaint_about<ServerConfig>("listen: 1\nportt: 2\n"),
                testing::StartsWith("x.yaml:2: portt: "));
}

}  // namespace
}  // namespace caplamp::app
