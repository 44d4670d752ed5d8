// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

namespace CLI {
class App;
}

namespace caplamp::app {

/// What the program answers to its caller.
enum ExitCode : int {
    exit_ok = 0,
    exit_our_fault = 1,     // something the user cannot fix
    exit_user_can_fix = 2,  // a file, a setting, an address; the message says which
    exit_interrupted = 130  // Ctrl-C; what was done until then is written and closed
};

/// The chosen subcommand, ready to run; returns an ExitCode or throws Error.
using Action = std::function<int()>;

/// Each adds one subcommand with its options to `program`. When the user chose it, parsing sets
/// `action`. Both must outlive the parse.
void add_detect_command(CLI::App& program, Action& action);
void add_terminal_command(CLI::App& program, Action& action);
void add_server_command(CLI::App& program, Action& action);
void add_keygen_command(CLI::App& program, Action& action);
void add_calibrate_command(CLI::App& program, Action& action);
void add_evaluate_command(CLI::App& program, Action& action);
void add_dataset_command(CLI::App& program, Action& action);
void add_train_command(CLI::App& program, Action& action);
void add_doctor_command(CLI::App& program, Action& action);
void add_config_command(CLI::App& program, Action& action);

}  // namespace caplamp::app
