// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <string>

#include "app/command.hpp"
#include "transport/key_file.hpp"

namespace caplamp::app {
namespace {

int run(const std::string& name) {
    const transport::KeyFiles files = transport::write_key_pair(name, transport::new_key_pair());
    std::cout << files.secret_key.string() << ": the secret key; it stays on this machine\n"
              << files.public_key.string()
              << ": the public key; a terminal's goes into the server's --allow file, a server's "
                 "to its terminals\n";
    return exit_ok;
}

}  // namespace

void add_keygen_command(CLI::App& program, Action& action) {
    const auto name = std::make_shared<std::string>();  // lives as long as CLI11's callbacks
    CLI::App* command = program.add_subcommand(
        "keygen", "Make the keys of a terminal or a server, for an encrypted link");
    command->footer("Example:\n  caplamp keygen keys/gate");
    command->add_option("NAME", *name, "Makes NAME.key and NAME.pub; overwrites nothing")
        ->required();
    command->callback([name, &action] { action = [name] { return run(*name); }; });
}

}  // namespace caplamp::app
