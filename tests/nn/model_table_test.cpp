// SPDX-License-Identifier: Apache-2.0
#include "nn/model_table.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "core/error.hpp"

namespace caplamp::nn {
namespace {

std::string shipped_yaml() {
    std::ifstream stream("models/caplamp-s.yaml");
    std::ostringstream text;
    text << stream.rdbuf();
    return text.str();
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    const auto at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
}

std::string error_of(const std::string& yaml) {
    try {
        ModelTable::parse(yaml, "m.yaml");
    } catch (const ConfigError& e) {
        return e.what();
    }
    return "no error";
}

TEST(ModelTable, ReadsTableSixOfThePaper) {
    const ModelTable table = ModelTable::load("models/caplamp-s.yaml");
    EXPECT_EQ(table.name, "caplamp-s");
    EXPECT_EQ(table.classes, (std::vector<std::string>{"helmet", "head", "person"}));
    ASSERT_EQ(table.rows.size(), 24U + 12U + 1U);
    EXPECT_EQ(table.rows[5].layer, "3");
    EXPECT_EQ(table.rows[5].channels, 64);
    EXPECT_EQ(table.rows[23].kind, LayerKind::sppf);
    EXPECT_EQ(table.multiple_of(), 32);
    EXPECT_EQ(table.detect().from, (std::vector<std::string>{"15", "18", "21"}));
}

TEST(ModelTable, TheHashIgnoresCommentsAndFollowsShapes) {
    const std::string yaml = shipped_yaml();
    const std::string hash = ModelTable::parse(yaml, "m").hash();
    EXPECT_EQ(hash.size(), 16U);
    EXPECT_EQ(ModelTable::parse("# a comment\n" + yaml, "m").hash(), hash);
    EXPECT_EQ(ModelTable::parse(replaced(yaml, "[helmet, head, person]", "[a, b, c]"), "m").hash(),
              hash);
    EXPECT_NE(ModelTable::parse(replaced(yaml, "[helmet, head, person]", "[a, b]"), "m").hash(),
              hash);
    EXPECT_NE(ModelTable::parse(replaced(yaml, "channels: 16", "channels: 24"), "m").hash(), hash);
}

TEST(ModelTable, NamesTheRowOfAnUnknownOperator) {
    EXPECT_EQ(error_of(replaced(shipped_yaml(), "op: SPPF", "op: SPP")),
              "m.yaml:37: backbone[23].op: must be Conv, RepBlock, SPPF, C2f, Upsample, Concat or "
              "Detect, is SPP");
}

TEST(ModelTable, RefusesALayerThatIsNotAbove) {
    const std::string message = error_of(replaced(shipped_yaml(), "\"6-5\"]", "\"21\"]"));
    EXPECT_TRUE(message.ends_with("neck[1].from: names layer 21, which is not above")) << message;
}

TEST(ModelTable, RefusesATypoInARow) {
    const std::string message = error_of(replaced(shipped_yaml(), "kernel: 5", "kernal: 5"));
    EXPECT_TRUE(message.ends_with("kernal: is not a known setting; did you mean kernel?"))
        << message;
}

TEST(ModelTable, RefusesTwoLayersOfOneName) {
    const std::string message = error_of(replaced(shipped_yaml(), "\"2-1\"", "\"2-0\""));
    EXPECT_TRUE(message.ends_with("stands twice: 2-0")) << message;
}

TEST(ModelTable, RefusesATableWithoutAHead) {
    const std::string yaml = shipped_yaml();
    const std::string message = error_of(yaml.substr(0, yaml.find("head:\n")));
    EXPECT_TRUE(message.ends_with("head: must be one Detect row")) << message;
}

TEST(ModelTable, RefusesEvenKernelsAndAbsurdWidths) {
    EXPECT_NE(error_of(replaced(shipped_yaml(), "kernel: 5", "kernel: 4")).find("must be odd"),
              std::string::npos);
    EXPECT_NE(error_of(replaced(shipped_yaml(), "channels: 512", "channels: 99999999"))
                  .find("must be 2..8192"),
              std::string::npos);
}

}  // namespace
}  // namespace caplamp::nn
