// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <algorithm>
#include <initializer_list>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>

#include "app/command.hpp"
#include "app/link_config.hpp"

namespace caplamp::app {
namespace {

/// Whose settings these are shows at the top: terminals have a link, servers have no sections.
void check(const std::string& file) {
    const ConfigNode root = ConfigNode::load(file);
    const auto has_any_of = [&](std::initializer_list<std::string_view> keys) {
        return std::ranges::any_of(keys,
                                   [&](std::string_view key) { return root[key].is_present(); });
    };
    if (root["link"].is_present()) {
        TerminalConfig::read(root);
    } else if (has_any_of({"model", "weights", "listen", "key", "allow", "workers", "credits",
                           "terminals"})) {
        ServerConfig::read(root);
    } else {
        DetectConfig::read(root);
    }
}

}  // namespace

void add_config_command(CLI::App& program, Action& action) {
    const auto file = std::make_shared<std::string>();
    CLI::App* command = program.add_subcommand("config", "Work with settings files");
    command->require_subcommand(1);
    CLI::App* check_command =
        command->add_subcommand("check", "Read a settings file and name what is wrong");
    check_command->footer("Example:\n  caplamp config check config/detect.yaml");
    check_command->add_option("FILE", *file, "Settings file")->required();
    check_command->callback([file, &action] {
        action = [file] {
            check(*file);
            std::cout << *file << ": ok\n";
            return exit_ok;
        };
    });
}

}  // namespace caplamp::app
