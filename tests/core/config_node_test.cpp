// SPDX-License-Identifier: Apache-2.0
#include "core/config_node.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <functional>

#include "core/error.hpp"

namespace caplamp {
namespace {

std::string message_of(const std::function<void()>& action) {
    try {
        action();
    } catch (const ConfigError& e) {
        return e.what();
    }
    return "no error";
}

ConfigNode sample() {
    return ConfigNode::parse(
        "detect:\n"
        "  score: 0.25\n"
        "  threads: 2\n"
        "  video: false\n"
        "  names: [helmet, head]\n",
        "a.yaml");
}

TEST(ConfigNode, ReadsNestedValues) {
    const ConfigNode detect = sample()["detect"];
    EXPECT_EQ(detect["score"].as_double(0.5, 0, 1), 0.25);
    EXPECT_EQ(detect["threads"].as_int(1, 1, 64), 2);
    EXPECT_FALSE(detect["video"].as_bool(true));
    EXPECT_EQ(detect["names"].as_strings(), (std::vector<std::string>{"helmet", "head"}));
}

TEST(ConfigNode, AMissingKeyGivesTheFallback) {
    const ConfigNode detect = sample()["detect"];
    EXPECT_EQ(detect["iou"].as_double(0.7, 0, 1), 0.7);
    EXPECT_EQ(detect["deep"]["deeper"].as_string("none"), "none");
    EXPECT_FALSE(detect["iou"].is_present());
}

TEST(ConfigNode, NamesFileLineAndPathOfANumberOutOfRange) {
    EXPECT_EQ(message_of([] { sample()["detect"]["threads"].as_int(1, 3, 8); }),
              "a.yaml:3: detect.threads: must be 3..8, is 2");
}

TEST(ConfigNode, RefusesTextWhereANumberBelongs) {
    EXPECT_EQ(message_of([] { sample()["detect"]["names"].as_int(1, 0, 8); }),
              "a.yaml:5: detect.names: must be a whole number");
    const ConfigNode nan = ConfigNode::parse("x: .nan\n", "n.yaml");
    EXPECT_EQ(message_of([&] { nan["x"].as_double(1, 0, 8); }), "n.yaml:1: x: must be a number");
}

TEST(ConfigNode, NamesTheNearestKnownSettingForATypo) {
    EXPECT_EQ(message_of([] {
                  ConfigNode::parse("scor: 1\n", "t.yaml").allow_only({"score", "iou"});
              }),
              "t.yaml:1: scor: is not a known setting; did you mean score?");
    EXPECT_EQ(message_of([] {
                  ConfigNode::parse("zzzzzzzz: 1\n", "t.yaml").allow_only({"score", "iou"});
              }),
              "t.yaml:1: zzzzzzzz: is not a known setting");
}

TEST(ConfigNode, NamesTheLineOfMalformedYaml) {
    const std::string message = message_of([] { ConfigNode::parse("a: 1\nb: [1, 2\n", "m.yaml"); });
    EXPECT_TRUE(message.starts_with("m.yaml:3: not valid YAML")) << message;
}

TEST(ConfigNode, SaysThatARequiredSettingIsMissing) {
    EXPECT_EQ(message_of([] { sample()["detect"]["weights"].require_string(); }),
              "a.yaml:1: detect.weights: is missing");
}

TEST(ConfigNode, RefusesAMapWhereAListBelongs) {
    EXPECT_EQ(message_of([] { sample()["detect"].items(); }), "a.yaml:1: detect: must be a list");
}

TEST(ConfigNode, AMissingFileIsAnErrorWithItsName) {
    EXPECT_THROW(
        {
            try {
                ConfigNode::load("no/such.yaml");
            } catch (const Error& e) {
                EXPECT_STREQ(e.what(), "no/such.yaml: cannot be read");
                throw;
            }
        },
        Error);
}

TEST(ConfigNode, AnEmptyDocumentHasNoKeys) {
    const ConfigNode empty = ConfigNode::parse("", "e.yaml");
    EXPECT_TRUE(empty.keys().empty());
    EXPECT_FALSE(empty["x"].is_present());
}

}  // namespace
}  // namespace caplamp
