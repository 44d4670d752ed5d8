// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <optional>
#include <string>

#include "app/command.hpp"
#include "app/detect_flags.hpp"
#include "app/interrupt.hpp"
#include "app/server.hpp"

namespace caplamp::app {
namespace {

struct ServerFlags {
    std::optional<std::string> config;
    std::optional<std::string> model;
    std::optional<std::string> weights;
    std::optional<std::string> listen;
    std::optional<std::string> key;
    std::optional<std::string> allow;
    std::optional<int> workers;
    std::optional<int> threads;
    bool insecure = false;
};

int run(const ServerFlags& flags) {
    ServerConfig config = flags.config ? ServerConfig::load(*flags.config) : ServerConfig{};
    override_with(flags.model, config.model);
    override_with(flags.weights, config.weights);
    override_with(flags.listen, config.listen);
    override_with(flags.key, config.key);
    override_with(flags.allow, config.allow);
    override_with(flags.workers, config.workers);
    override_with(flags.threads, config.threads);
    config.insecure |= flags.insecure;
    const Interrupt interrupt;
    run_server(config, interrupt.token(), [](const std::string& address) {
        std::cout << "listening at " << address << std::endl;
    });
    return exit_interrupted;
}

}  // namespace

void add_server_command(CLI::App& program, Action& action) {
    const auto flags = std::make_shared<ServerFlags>();  // lives as long as CLI11's callbacks
    const ServerConfig defaults;
    CLI::App* command = program.add_subcommand(
        "server", "Finish the frames of many terminals: the network's last layers");
    command->footer(
        "Example:\n  caplamp server --listen tcp://192.0.2.20:7007 --key keys/server.key "
        "--allow keys/allowed");
    command->add_option("--config", flags->config,
                        "Settings file, such as config/server.yaml; flags win over it");
    command->add_option("--model", flags->model, "Model table; default " + defaults.model.string());
    command->add_option("--weights", flags->weights,
                        "Weights (safetensors); default NAME.safetensors beside the model");
    command->add_option("--listen", flags->listen,
                        "Where terminals call; port 0 is any free one; default " + defaults.listen);
    command->add_option("--key", flags->key, "The server's secret key, from caplamp keygen");
    command->add_option("--allow", flags->allow,
                        "File with the public keys of the terminals, one a line; read again when "
                        "it changes");
    command
        ->add_option("--workers", flags->workers,
                     "Frames looked at side by side; default " + std::to_string(defaults.workers))
        ->check(CLI::Range(1, 256));
    command
        ->add_option("--threads", flags->threads,
                     "Cores for each; default " + std::to_string(defaults.threads))
        ->check(CLI::Range(1, 1024));
    command->add_flag("--insecure", flags->insecure,
                      "Listen on a network without keys: not encrypted, to whoever calls");
    command->callback([flags, &action] { action = [flags] { return run(*flags); }; });
}

}  // namespace caplamp::app
