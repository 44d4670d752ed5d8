// SPDX-License-Identifier: Apache-2.0
#include <spdlog/fmt/fmt.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <optional>
#include <string>

#include "app/command.hpp"
#include "app/evaluation_report.hpp"
#include "app/interrupt.hpp"
#include "app/pending_file.hpp"
#include "app/set_detector.hpp"
#include "app/set_options.hpp"
#include "core/error.hpp"
#include "datasets/coco_results.hpp"

namespace caplamp::app {
namespace {

struct EvaluateFlags {
    SetOptions set;
    DetectorConfig detector;
    std::optional<float> score;
    std::optional<float> iou;
    int threads = 1;
    std::string detections;
    std::string protocol = "coco";
    evaluation::EvaluationConfig scoring;
    std::string json;
};

// A set beside what was found in it, in the set's order.
struct Found {
    datasets::LabelledSet set;
    std::vector<Detections> detections;
    EvaluationSubject subject;
};

Found from_file(const EvaluateFlags& flags) {
    if (flags.iou) throw Error("--iou: the detections of --detections are suppressed already");
    Found found;
    found.set = flags.set.read(flags.set.split, nullptr);
    found.detections = datasets::read_coco_results(flags.detections, found.set);
    found.subject.weights = flags.detections;
    if (!flags.score) return found;
    found.subject.settings.score = *flags.score;
    for (Detections& of_picture : found.detections)
        std::erase_if(of_picture, [&](const Detection& d) { return d.score < *flags.score; });
    return found;
}

std::optional<Found> by_network(const EvaluateFlags& flags, const std::stop_token& stop) {
    DetectorConfig config = flags.detector;
    config.post = neck_head::PostConfig::evaluation();
    if (flags.score) config.post.decode.score = *flags.score;
    if (flags.iou) config.post.nms.iou = *flags.iou;
    datasets::LabelledSet set = flags.set.read(flags.set.split, nullptr);
    SetDetector detector(config, flags.threads);
    Found found;
    found.set = datasets::with_names(std::move(set), detector.first().classes());
    std::optional<std::vector<Detections>> detections = detector.run(found.set, stop);
    if (!detections) return std::nullopt;
    found.detections = std::move(*detections);
    found.subject.model = config.model.string();
    found.subject.weights = detector.first().weights_file().string();
    found.subject.size = config.size;
    // By way of its text, so that 0.001f is reported as 0.001 and not as 0.0010000000474974513.
    found.subject.settings.score = std::stod(fmt::format("{}", config.post.decode.score));
    found.subject.settings.iou = std::stod(fmt::format("{}", config.post.nms.iou));
    return found;
}

std::vector<evaluation::PictureResult> picture_results(const Found& found) {
    std::vector<evaluation::PictureResult> results;
    results.reserve(found.set.pictures.size());
    for (std::size_t i = 0; i < found.set.pictures.size(); ++i)
        results.push_back({.truths = found.set.pictures[i].truths,
                           .detections = found.detections[i],
                           .labelled = found.set.labelled});
    return results;
}

void describe(const EvaluateFlags& flags, Found& found) {
    found.subject.data = flags.set.data + ", split " + flags.set.split;
    found.subject.labels = flags.set.labels;
    for (std::size_t i = 0; i < found.set.names.size(); ++i)
        if (!found.set.labelled[i]) found.subject.left_out.push_back(found.set.names[i]);
}

int run(const EvaluateFlags& flags) {
    evaluation::EvaluationConfig scoring = flags.scoring;
    scoring.protocol = *evaluation::protocol_named(flags.protocol);
    const Interrupt interrupt;
    std::optional<Found> found =
        flags.detections.empty() ? by_network(flags, interrupt.token()) : from_file(flags);
    if (!found) return exit_interrupted;
    if (found->set.pictures.empty()) throw Error(flags.set.data + ": holds no picture");
    describe(flags, *found);
    const std::vector<evaluation::PictureResult> pictures = picture_results(*found);
    const auto result = evaluation::evaluate(pictures, found->set.names, scoring);
    for (const evaluation::Protocol other : evaluation::all_protocols) {
        if (other == scoring.protocol) continue;
        found->subject.other_protocols[std::string(evaluation::name_of(other))] =
            evaluation::mean_average_precision(pictures, found->set.names, other,
                                               scoring.match_iou);
    }
    if (!flags.json.empty()) {
        PendingFile file(flags.json);
        file.write(evaluation_json(result, found->subject)
                       .dump(1, ' ', false, nlohmann::json::error_handler_t::replace) +
                   "\n");
        file.commit();
    }
    std::cout << evaluation_table(result, found->subject) << std::flush;
    return exit_ok;
}

void add_network_options(CLI::App& command, EvaluateFlags& flags) {
    command.add_option("--model", flags.detector.model, "Model table")->capture_default_str();
    command.add_option("--weights", flags.detector.weights,
                       "Weights (safetensors); default NAME.safetensors beside the model");
    command
        .add_option("--size", flags.detector.size,
                    "Long side of the network's input, a multiple of 32")
        ->capture_default_str();
    command
        .add_option("--score", flags.score,
                    "Least score of a detection, 0..1; default 0.001, or with --detections none")
        ->check(CLI::Range(0.0, 1.0));
    command
        .add_option("--iou", flags.iou,
                    "Overlap above which the weaker of two boxes goes, 0..1; default 0.7")
        ->check(CLI::Range(0.0, 1.0));
    command.add_option("--threads", flags.threads, "Pictures at a time, each on one core")
        ->check(CLI::Range(1, 1024))
        ->capture_default_str();
    command.add_option("--detections", flags.detections,
                       "Judge these COCO results (JSON) instead of running the network");
}

void add_scoring_options(CLI::App& command, EvaluateFlags& flags) {
    std::vector<std::string> names;
    for (const evaluation::Protocol protocol : evaluation::all_protocols)
        names.emplace_back(evaluation::name_of(protocol));
    command.add_option("--protocol", flags.protocol, "Whose average precision")
        ->check(CLI::IsMember(names))
        ->capture_default_str();
    command
        .add_option("--operating-score", flags.scoring.operating_score,
                    "Score at which precision and recall are reported, 0..1")
        ->check(CLI::Range(0.0, 1.0))
        ->capture_default_str();
    command
        .add_option("--resamples", flags.scoring.bootstrap_rounds,
                    "Rounds of the bootstrap behind the intervals; 0: none")
        ->check(CLI::Range(0, 100000))
        ->capture_default_str();
    command.add_option("--json", flags.json, "Also write the numbers to this file");
}

}  // namespace

void add_evaluate_command(CLI::App& program, Action& action) {
    const auto flags = std::make_shared<EvaluateFlags>();  // lives as long as CLI11's callbacks
    flags->set.split = "val";
    CLI::App* command =
        program.add_subcommand("evaluate", "Average precision of the network on a labelled set");
    command->footer(
        "Example:\n  caplamp evaluate --data site/data.yaml --split val --json out/site.json");
    command
        ->add_option("--data", flags->set.data,
                     "The set: data.yaml, a COCO .json file, or the folder of a VOC set")
        ->required();
    command->add_option("--split", flags->set.split, "Which part of the set")
        ->capture_default_str();
    add_set_options(*command, flags->set);
    add_network_options(*command, *flags);
    add_scoring_options(*command, *flags);
    command->callback([flags, &action] { action = [flags] { return run(*flags); }; });
}

}  // namespace caplamp::app
