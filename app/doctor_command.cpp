// SPDX-License-Identifier: Apache-2.0
#include <spdlog/fmt/fmt.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <fstream>
#include <iostream>
#include <memory>
#include <opencv2/core/utility.hpp>
#include <sstream>
#include <string>
#include <thread>

#include "app/command.hpp"
#include "app/detector.hpp"
#include "app/paths.hpp"
#include "capture/av.hpp"
#include "core/error.hpp"

namespace caplamp::app {
namespace {

struct DoctorFlags {
    std::string model = DetectorConfig{}.model.string();
    std::string weights;
};

void tell(const std::string& what, const std::string& finding) {
    std::cout << fmt::format("{:<10} {}\n", what, finding);
}

/// The value of "NAME : value" or "NAME: value kB" in one of /proc's tables; empty when missing.
std::string proc_value(const char* file, const std::string& name) {
    std::ifstream lines(file);
    for (std::string line; std::getline(lines, line);) {
        const std::size_t colon = line.find(':');
        if (!line.starts_with(name) || colon == std::string::npos) continue;
        const std::size_t begin = line.find_first_not_of(" \t", colon + 1);
        return begin == std::string::npos ? "" : line.substr(begin);
    }
    return {};
}

std::string instruction_sets() {
    const std::string flags = proc_value("/proc/cpuinfo", "flags") + " ";
    std::string found;
    for (const std::string name : {"sse4_2", "avx", "avx2", "fma", "avx512f", "avx512_vnni",
                                   "avx512_bf16", "amx_int8", "amx_bf16"}) {
        if (flags.find(" " + name + " ") != std::string::npos) found += " " + name;
    }
    return found.empty() ? " none of interest" : found;
}

std::string memory() {
    const auto gib = [](const char* name) {
        std::istringstream value(proc_value("/proc/meminfo", name));
        double kib = 0;
        value >> kib;
        return kib / 1024 / 1024;
    };
    return fmt::format("{:.1f} GiB, {:.1f} available", gib("MemTotal"), gib("MemAvailable"));
}

void tell_libraries() {
    tell("caplamp", CAPLAMP_VERSION);
    tell("opencv", cv::getVersionString());
    tell("libav",
         fmt::format("avcodec {}.{}, {}", avcodec_version() >> 16U, avcodec_version() >> 8U & 0xFFU,
                     avcodec_find_encoder_by_name("libx264") != nullptr
                         ? "overlay in H.264"
                         : "no x264: overlay in MPEG-4 part 2"));
    const std::string trainer = find_program("caplamp-train").string();
    tell("trainer", trainer.empty() ? "caplamp-train not found (only `train` needs it)" : trainer);
}

void tell_machine() {
    const std::string name = proc_value("/proc/cpuinfo", "model name");
    tell("cpu", fmt::format("{}, {} cores,{}", name.empty() ? "unknown" : name,
                            std::thread::hardware_concurrency(), instruction_sets()));
    tell("memory", memory());
}

/// Loads the model and looks at one grey picture, which every part of the network has to survive.
void tell_model(const DoctorFlags& flags) {
    Detector detector({.model = flags.model, .weights = flags.weights});
    const cv::Mat picture(480, 640, CV_8UC3, cv::Scalar::all(114));
    detector.run(picture);
    detector.run(picture);
    std::string classes;
    for (const std::string& name : detector.classes()) {
        classes += (classes.empty() ? "" : ", ") + name;
    }
    tell("model", fmt::format("{} with {} ({}): {:.1f} ms a frame at 640x480, one thread",
                              detector.table().name, detector.weights_file().string(), classes,
                              1e3 * detector.last_times().network.count()));
}

int run(const DoctorFlags& flags) {
    tell_libraries();
    tell_machine();
    tell_model(flags);
    std::cout << "all well\n";
    return exit_ok;
}

}  // namespace

void add_doctor_command(CLI::App& program, Action& action) {
    const auto flags = std::make_shared<DoctorFlags>();
    CLI::App* command = program.add_subcommand(
        "doctor", "Check libraries, processor, memory and that the model loads and runs");
    command->footer("Example:\n  caplamp doctor --weights runs/site/best.safetensors");
    command->add_option("--model", flags->model, "Model table")->capture_default_str();
    command->add_option("--weights", flags->weights,
                        "Weights; default NAME.safetensors beside the model");
    command->callback([flags, &action] { action = [flags] { return run(*flags); }; });
}

}  // namespace caplamp::app
