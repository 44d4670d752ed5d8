// SPDX-License-Identifier: Apache-2.0
#include "training/command_line.hpp"

#include <gtest/gtest.h>

#include "tests/training/painted_pictures.hpp"

namespace caplamp::training {

TEST(CommandLine, ReadsNumbersTextsAndRepeatedSets) {
    const CommandLine line =
        parse_command_line({"--data", "a.yaml", "--data=b.yaml", "--size", "320", "--optimizer",
                            "sgd", "--learning-rate", "0.02", "--seed=18446744073709551615"});
    EXPECT_EQ(line.config.data, (std::vector<std::string>{"a.yaml", "b.yaml"}));
    EXPECT_EQ(line.config.schedule.size, 320);
    EXPECT_EQ(line.config.optimizer.kind, OptimizerKind::sgd);
    EXPECT_EQ(line.config.schedule.learning_rate, 0.02);
    EXPECT_EQ(line.config.augmentation.seed, 18446744073709551615ULL);
}

TEST(CommandLine, NamesTheNearestKnownOption) {
    const std::string message = error_of([] { parse_command_line({"--epoch", "3"}); });
    EXPECT_NE(message.find("--epoch"), std::string::npos);
    EXPECT_NE(message.find("--epochs"), std::string::npos) << message;
}

TEST(CommandLine, SaysWhatIsWrongWithAValue) {
    for (const char* bad : {"0", "12x", "", "99999", "nan", "1.5"}) {
        const std::string message = error_of([&] { parse_command_line({"--size", bad}); });
        EXPECT_NE(message.find("size: must be a number 32..4096"), std::string::npos) << message;
    }
    EXPECT_NE(error_of([] { parse_command_line({"--size"}); }).find("needs a value"),
              std::string::npos);
    EXPECT_NE(error_of([] { parse_command_line({"runs"}); }).find("unexpected word"),
              std::string::npos);
    EXPECT_NE(error_of([] {
                  parse_command_line({"--optimizer", "adam"});
              }).find("adamw or sgd"),
              std::string::npos);
}

TEST(CommandLine, ShowsAnExampleAndEverySetting) {
    const std::string help = help_text();
    EXPECT_NE(help.find("caplamp-train --data"), std::string::npos);
    TrainConfig config;
    for (const Setting& setting : settings_of(config)) {
        EXPECT_NE(help.find("--" + setting.name), std::string::npos) << setting.name;
    }
}

TEST(CommandLine, ContinuesARunWithItsOwnConfigAndChangesOnTop) {
    const TemporaryFolder folder;
    TrainConfig config;
    config.data = {"one.yaml", "two.yaml"};
    config.out = folder.path().string();
    config.epochs = 7;
    write_config(folder.path() / "config.yaml", config);
    const CommandLine line = parse_command_line({"--resume", "--out", config.out, "--batch", "3"});
    EXPECT_TRUE(line.resume);
    EXPECT_EQ(line.config.epochs, 7);
    EXPECT_EQ(line.config.batch, 3);
    EXPECT_EQ(line.config.data, config.data);
    EXPECT_NE(error_of([] { parse_command_line({"--resume"}); }).find("--out"), std::string::npos);
}

TEST(TrainConfig, ComesBackFromItsFile) {
    const TemporaryFolder folder;
    TrainConfig config;
    TrainConfig changed;
    for (const Setting& setting : settings_of(changed)) {
        if (auto* const* number = std::get_if<double*>(&setting.place)) **number *= 0.96875;
        if (auto* const* number = std::get_if<int*>(&setting.place)) **number += 32;
    }
    changed.data = {"a b.yaml", "c:d.yaml", "quote\"back\\slash.yaml"};
    changed.out = "runs/#1";
    write_config(folder.path() / "c.yaml", changed);
    TrainConfig read = read_config(folder.path() / "c.yaml");
    const std::vector<Setting> expected = settings_of(changed);
    const std::vector<Setting> found = settings_of(read);
    for (std::size_t i = 0; i < expected.size(); ++i) {
        EXPECT_EQ(found[i].text(), expected[i].text()) << expected[i].name;
    }
}

TEST(TrainConfig, NamesFileAndLineOfABadSetting) {
    const TemporaryFolder folder;
    const auto file = folder.write("c.yaml", "epochs: 3\nbatch: many\n");
    const std::string message = error_of([&] { read_config(file); });
    EXPECT_NE(message.find("c.yaml:2: batch:"), std::string::npos) << message;
    const auto other = folder.write("d.yaml", "epochs: 3\nbatches: 4\n");
    EXPECT_NE(error_of([&] { read_config(other); }).find("d.yaml:2: batches:"), std::string::npos);
}

TEST(TrainConfig, RefusesSidesThatDoNotFitTheStrides) {
    TrainConfig config;
    config.data = {"a.yaml"};
    config.out = "run";
    check_config(config);
    config.schedule.size_final = 330;
    EXPECT_NE(error_of([&] { check_config(config); }).find("multiple of 32"), std::string::npos);
    config.schedule.size_final = 0;
    config.device = "tpu";
    EXPECT_NE(error_of([&] { check_config(config); }).find("--device"), std::string::npos);
    config.device = "cpu";
    config.data.clear();
    EXPECT_NE(error_of([&] { check_config(config); }).find("--data"), std::string::npos);
}

}  // namespace caplamp::training
