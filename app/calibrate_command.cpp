// SPDX-License-Identifier: Apache-2.0
#include <spdlog/fmt/fmt.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>

#include "app/calibrate.hpp"
#include "app/command.hpp"
#include "app/interrupt.hpp"
#include "app/pending_file.hpp"

namespace caplamp::app {
namespace {

struct CalibrateFlags {
    CalibrateConfig config;
    std::filesystem::path out;
};

int run(const CalibrateFlags& flags) {
    const Interrupt interrupt;
    const Model model = load_model(flags.config.model, flags.config.weights);
    const auto set = calibrate(flags.config, model, interrupt.token());
    if (!set) return exit_interrupted;
    PendingFile file(flags.out.empty() ? scales_beside(model.weights_file) : flags.out);
    const std::vector<std::uint8_t> bytes = to_bytes(*set);
    file.write({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    file.commit();
    std::cout << fmt::format("model={} scales={} bytes={} file={}\n", set->model,
                             set->scales.size(), bytes.size(), file.name().string());
    return exit_ok;
}

}  // namespace

void add_calibrate_command(CLI::App& program, Action& action) {
    const auto flags = std::make_shared<CalibrateFlags>();  // lives as long as CLI11's callbacks
    CLI::App* command = program.add_subcommand(
        "calibrate",
        "Learn from pictures how features are quantised for the link (codecs q8...q2)");
    command->footer(
        "Example:\n  caplamp calibrate site.mp4 --every 25 --out models/caplamp-s.scales");
    CalibrateConfig& config = flags->config;
    command->add_option("SOURCE", config.capture.source, "Video file or folder of pictures")
        ->required();
    command->add_option("--model", config.model, "Model table")->capture_default_str();
    command->add_option("--weights", config.weights,
                        "Weights (safetensors); default NAME.safetensors beside the model");
    command->add_option("--size", config.size, "Long side of the network's input, a multiple of 32")
        ->capture_default_str();
    command->add_option("--frames", config.frames, "Frames to learn from, at most")
        ->check(CLI::Range(1, 100000))
        ->capture_default_str();
    command->add_option("--every", config.every, "Of so many frames one is taken")
        ->check(CLI::Range(1, 1000000))
        ->capture_default_str();
    command->add_option("--out", flags->out, "Scales file; default NAME.scales beside the weights");
    command->callback([flags, &action] { action = [flags] { return run(*flags); }; });
}

}  // namespace caplamp::app
