// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <memory>

#include "app/command.hpp"
#include "app/detect.hpp"
#include "app/detect_flags.hpp"

namespace caplamp::app {
namespace {

int run(const DetectFlags& flags) {
    DetectConfig config = flags.config ? DetectConfig::load(*flags.config) : DetectConfig{};
    override_with(flags, config);
    check_source(config);
    return run_to_the_end([&](const std::stop_token& stop) { return detect(config, stop); });
}

}  // namespace

void add_detect_command(CLI::App& program, Action& action) {
    const auto flags = std::make_shared<DetectFlags>();  // lives as long as CLI11's callbacks
    CLI::App* command = program.add_subcommand(
        "detect", "Find helmets, bare heads and persons in a video, a picture or a camera");
    command->footer("Example:\n  caplamp detect site.mp4 --out out/site --coco out/site/coco.json");
    add_detect_options(*command, *flags);
    command->callback([flags, &action] { action = [flags] { return run(*flags); }; });
}

}  // namespace caplamp::app
