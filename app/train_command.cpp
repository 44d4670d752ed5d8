// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "app/command.hpp"
#include "app/paths.hpp"
#include "core/error.hpp"

namespace caplamp::app {
namespace {

constexpr const char* trainer_name = "caplamp-train";

/// Becomes the trainer: same process, same terminal, same signals. Returns only by throwing.
int become_trainer(const std::vector<std::string>& words) {
    const std::filesystem::path trainer = find_program(trainer_name);
    if (trainer.empty()) {
        throw Error(std::string(trainer_name) +
                    ": not found beside caplamp nor on PATH; build it with libtorch installed "
                    "(apt install libtorch-dev libturbojpeg0-dev) and CAPLAMP_TRAINING=ON");
    }
    std::string program = trainer.string();
    std::vector<std::string> copies = words;
    std::vector<char*> arguments{program.data()};
    for (std::string& word : copies) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    execv(program.c_str(), arguments.data());
    throw Error(program + ": cannot be started: " + std::strerror(errno));
}

}  // namespace

void add_train_command(CLI::App& program, Action& action) {
    const auto words = std::make_shared<std::vector<std::string>>();
    CLI::App* command = program.add_subcommand(
        "train", "Train a model on your own pictures (runs caplamp-train, which needs libtorch)");
    command->footer(
        "Example:\n  caplamp train --data site/data.yaml --model models/caplamp-s.yaml --out "
        "runs/site\n"
        "All words after `train` go to caplamp-train; see caplamp-train --help for its options.");
    command->prefix_command();
    command->callback([command, words, &action] {
        *words = command->remaining();
        action = [words] { return become_trainer(*words); };
    });
}

}  // namespace caplamp::app
