// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <string>

#include "app/command.hpp"
#include "app/detect_config.hpp"

namespace caplamp::app {

void add_config_command(CLI::App& program, Action& action) {
    const auto file = std::make_shared<std::string>();
    CLI::App* command = program.add_subcommand("config", "Work with settings files");
    command->require_subcommand(1);
    CLI::App* check =
        command->add_subcommand("check", "Read a settings file and name what is wrong");
    check->footer("Example:\n  caplamp config check config/detect.yaml");
    check->add_option("FILE", *file, "Settings file")->required();
    check->callback([file, &action] {
        action = [file] {
            DetectConfig::load(*file);
            std::cout << *file << ": ok\n";
            return exit_ok;
        };
    });
}

}  // namespace caplamp::app
