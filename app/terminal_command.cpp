// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/command.hpp"
#include "app/detect_flags.hpp"
#include "app/terminal.hpp"
#include "core/error.hpp"
#include "transport/codec.hpp"

namespace caplamp::app {
namespace {

struct TerminalFlags {
    DetectFlags detect;
    std::vector<std::string> servers;
    std::vector<std::string> cameras;  // NAME=SOURCE
    std::optional<std::string> key;
    std::vector<std::string> server_keys;
    bool insecure = false;
    std::optional<std::string> cut;
    std::optional<std::string> codec;
    std::optional<std::string> scales;
};

std::vector<CameraConfig> cameras_of(const std::vector<std::string>& words) {
    std::vector<CameraConfig> cameras;
    for (const std::string& word : words) {
        const std::size_t sign = word.find('=');
        if (sign == std::string::npos) throw Error("--camera: " + word + " is not NAME=SOURCE");
        CameraConfig camera{word.substr(0, sign), word.substr(sign + 1)};
        const std::string problem = problem_with(camera, cameras);
        if (!problem.empty()) throw Error("--camera: " + problem);
        cameras.push_back(std::move(camera));
    }
    return cameras;
}

int run(const TerminalFlags& flags) {
    TerminalConfig config =
        flags.detect.config ? TerminalConfig::load(*flags.detect.config) : TerminalConfig{};
    override_with(flags.detect, config.detect);
    override_with(flags.key, config.link.key);
    override_with(flags.cut, config.link.plan.cut);
    override_with(flags.codec, config.link.plan.codec);
    override_with(flags.scales, config.link.plan.scales);
    if (!flags.cameras.empty()) config.cameras = cameras_of(flags.cameras);
    if (config.cameras.empty()) check_source(config.detect);
    if (!flags.servers.empty()) config.link.servers = flags.servers;
    if (!flags.server_keys.empty()) config.link.server_keys = flags.server_keys;
    config.link.insecure |= flags.insecure;
    return run_to_the_end([&](const std::stop_token& stop) { return run_terminal(config, stop); });
}

std::string codec_words() {
    std::string words;
    for (const transport::Codec& codec : transport::all_codecs()) {
        words += (words.empty() ? "" : ", ") + to_string(codec);
    }
    return words;
}

}  // namespace

void add_terminal_command(CLI::App& program, Action& action) {
    const auto flags = std::make_shared<TerminalFlags>();  // lives as long as CLI11's callbacks
    const TerminalLinkConfig defaults;
    CLI::App* command = program.add_subcommand(
        "terminal", "Beside the camera: the network's first layers here, the rest on a server");
    command->footer(
        "Example:\n  caplamp terminal rtsp://192.0.2.7/stream --server tcp://192.0.2.20:7007 "
        "--key keys/gate.key --server-key keys/server.pub --out out/gate");
    add_detect_options(*command, flags->detect);
    command->add_option(
        "--server", flags->servers,
        "Address of a server, several in order of preference; default " + defaults.servers.front());
    command->add_option("--camera", flags->cameras,
                        "NAME=SOURCE, several times for several cameras on one link, instead of "
                        "SOURCE; outputs go to OUT/NAME");
    command->add_option("--key", flags->key, "This terminal's secret key, from caplamp keygen");
    command->add_option("--server-key", flags->server_keys,
                        "The server's public key; several servers have one for all, or one each");
    command->add_flag("--insecure", flags->insecure,
                      "Talk over a network without keys: not encrypted, to whoever answers");
    command->add_option("--cut", flags->cut,
                        "Last layer on this side: an index of the model's table, such as 3 or 4-5; "
                        "4 is the whole stage; auto is the cut that the fewest numbers cross; jpeg "
                        "sends the picture; local needs no server; default " +
                            defaults.plan.cut);
    command->add_option(
        "--codec", flags->codec,
        "How features are written: " + codec_words() + "; default " + defaults.plan.codec);
    command->add_option("--scales", flags->scales,
                        "What `caplamp calibrate` learnt, for the codecs q8...q1; default "
                        "NAME.scales beside the weights");
    command->callback([flags, &action] { action = [flags] { return run(*flags); }; });
}

}  // namespace caplamp::app
