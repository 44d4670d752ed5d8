// SPDX-License-Identifier: Apache-2.0
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <exception>
#include <iostream>
#include <opencv2/core/utility.hpp>

#include "app/command.hpp"
#include "core/error.hpp"

namespace {

/// Lines for operators go to stderr; stdout holds results only.
void start_log() {
    spdlog::set_default_logger(spdlog::stderr_color_mt("caplamp"));
    spdlog::set_pattern("time=%Y-%m-%dT%H:%M:%S.%e%z level=%l %v");
}

int run(const caplamp::app::Action& action) {
    try {
        return action();
    } catch (const caplamp::Error& e) {
        std::cerr << "caplamp: " << e.what() << '\n';
        return caplamp::app::exit_user_can_fix;
    } catch (const std::exception& e) {
        std::cerr << "caplamp: internal error: " << e.what() << '\n';
        return caplamp::app::exit_our_fault;
    }
}

}  // namespace

int main(int argc, char** argv) {
    // A closed pipe and a file past the limit are errors of one write, not the end of everything.
    std::signal(SIGPIPE, SIG_IGN);
    std::signal(SIGXFSZ, SIG_IGN);
    start_log();
    // The stages have their own threads; OpenCV's pool would only take cores from the network.
    cv::setNumThreads(1);
    CLI::App program{"caplamp watches video for people without a helmet.", "caplamp"};
    program.set_version_flag("--version", "caplamp " CAPLAMP_VERSION);
    program.require_subcommand(1);
    caplamp::app::Action action;
    caplamp::app::add_detect_command(program, action);
    caplamp::app::add_terminal_command(program, action);
    caplamp::app::add_server_command(program, action);
    caplamp::app::add_keygen_command(program, action);
    caplamp::app::add_calibrate_command(program, action);
    caplamp::app::add_evaluate_command(program, action);
    caplamp::app::add_dataset_command(program, action);
    caplamp::app::add_train_command(program, action);
    caplamp::app::add_doctor_command(program, action);
    caplamp::app::add_config_command(program, action);
    try {
        program.parse(argc, argv);
    } catch (const CLI::ParseError& e) {
        const int code = program.exit(e);  // prints help, version or what is wrong
        return code == 0 ? caplamp::app::exit_ok : caplamp::app::exit_user_can_fix;
    }
    return run(action);
}
