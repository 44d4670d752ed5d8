// SPDX-License-Identifier: Apache-2.0
#include "app/detect_flags.hpp"

#include <spdlog/fmt/fmt.h>

#include <CLI/CLI.hpp>
#include <iostream>

#include "app/command.hpp"
#include "app/interrupt.hpp"
#include "core/error.hpp"

namespace caplamp::app {

void add_detect_options(CLI::App& command, DetectFlags& flags) {
    const DetectConfig defaults;
    const auto text = [](const auto& value) { return "; default " + std::string(value); };
    command.add_option("SOURCE", flags.source,
                       "Video file, picture, folder of pictures, rtsp://..., http://... or "
                       "/dev/videoN");
    command.add_option("--config", flags.config,
                       "Settings file, such as those in config/; flags win over it");
    command.add_option("--model", flags.model,
                       "Model table" + text(defaults.detector.model.string()));
    command.add_option("--weights", flags.weights,
                       "Weights (safetensors); default NAME.safetensors beside the model");
    command.add_option("--size", flags.size,
                       "Long side of the network's input, a multiple of 32" +
                           text(std::to_string(defaults.detector.size)));
    command.add_option("--precision", flags.precision,
                       "Number format of the network" + text(defaults.detector.precision));
    command
        .add_option("--threads", flags.threads,
                    "Cores for the network" + text(std::to_string(defaults.detector.threads)))
        ->check(CLI::Range(1, 1024));
    command
        .add_option("--score", flags.score,
                    "Least score of a detection, 0..1" +
                        text(fmt::format("{}", defaults.detector.post.decode.score)))
        ->check(CLI::Range(0.0, 1.0));
    command
        .add_option("--iou", flags.iou,
                    "Overlap above which the weaker of two boxes goes, 0..1" +
                        text(fmt::format("{}", defaults.detector.post.nms.iou)))
        ->check(CLI::Range(0.0, 1.0));
    command.add_option(
        "--out", flags.out,
        "Folder for overlay.mp4 and detections.jsonl" + text(defaults.output.folder.string()));
    command.add_flag("--no-video", flags.no_video,
                     "Draw nothing: no overlay.mp4, no overlay pictures");
    command.add_option("--coco", flags.coco, "Also write COCO results (JSON) to this file");
    command.add_option("--mot", flags.mot,
                       "Also write MOT-challenge detections (CSV) to this file");
    command.add_option("--trace", flags.trace,
                       "Also write where each frame's time went to this file (Chrome trace JSON)");
}

void override_with(const DetectFlags& flags, DetectConfig& config) {
    override_with(flags.source, config.capture.source);
    override_with(flags.model, config.detector.model);
    override_with(flags.weights, config.detector.weights);
    override_with(flags.size, config.detector.size);
    override_with(flags.precision, config.detector.precision);
    override_with(flags.threads, config.detector.threads);
    override_with(flags.score, config.detector.post.decode.score);
    override_with(flags.iou, config.detector.post.nms.iou);
    override_with(flags.out, config.output.folder);
    override_with(flags.coco, config.output.coco);
    override_with(flags.mot, config.output.mot);
    override_with(flags.trace, config.output.trace);
    if (flags.no_video) config.output.video = false;
}

void check_source(const DetectConfig& config) {
    if (config.capture.source.empty()) {
        throw Error(
            "source: name a video, a picture, a folder or a camera; see caplamp detect --help");
    }
}

int run_to_the_end(const std::function<DetectOutcome(const std::stop_token&)>& run) {
    const Interrupt interrupt;
    DetectOutcome outcome;
    try {
        outcome = run(interrupt.token());
    } catch (const Error&) {
        // Opening a camera that does not answer ends so too when Ctrl-C cuts it short.
        if (!interrupt.happened()) throw;
    }
    std::cout << outcome.summary << std::flush;
    if (interrupt.happened()) return exit_interrupted;
    if (!outcome.complaint.empty()) throw Error(outcome.complaint);
    return exit_ok;
}

}  // namespace caplamp::app
