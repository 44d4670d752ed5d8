// SPDX-License-Identifier: Apache-2.0
#include "app/terminal.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <random>
#include <utility>
#include <vector>

#include "app/cuts.hpp"
#include "app/detect.hpp"
#include "app/link_keys.hpp"
#include "app/model_id.hpp"
#include "app/remote_stream.hpp"
#include "app/split_plan.hpp"
#include "app/terminal_link.hpp"
#include "core/error.hpp"
#include "transport/socket_options.hpp"

namespace caplamp::app {
namespace {

transport::TerminalEndConfig end_config(const TerminalConfig& config,
                                        const std::optional<transport::TerminalKeys>& keys,
                                        const Model& model) {
    transport::TerminalEndConfig end{.servers = config.link.servers, .keys = keys};
    std::random_device random;
    end.hello = {.software = "caplamp",
                 .terminal = static_cast<std::uint64_t>(random()) << 32 | random(),
                 .model = model_id(model),
                 .classes = model.classes,
                 .cuts = cuts_of(model)};
    for (const transport::Codec& codec : transport::all_codecs()) {
        end.hello.codecs.push_back(to_string(codec));
    }
    end.patience = config.link.patience;
    return end;
}

/// What all cameras of a terminal share.
struct Shared {
    std::shared_ptr<const Model> model;
    SplitPlan plan;
    TerminalLink& link;
    std::stop_token stop;
};

/// For the line that appears once a second.
std::string link_text(const LinkCounts& counts, std::chrono::microseconds round_trip) {
    const std::string where = counts.server.empty() ? "link=down why=\"" + counts.trouble + "\""
                                                    : "link=" + counts.server;
    const double kilobytes = counts.frames == 0 ? 0
                                                : static_cast<double>(counts.bytes) /
                                                      static_cast<double>(counts.frames) / 1000;
    return fmt::format(
        "{} sent={} kilobytes_a_frame={:.1f} round_trip_ms={:.1f} alone={} outages={}", where,
        counts.frames, kilobytes, static_cast<double>(round_trip.count()) / 1000, counts.alone,
        counts.outages);
}

/// One camera from its source to its outputs; `name` is empty when it is the only one.
DetectOutcome run_camera(const DetectConfig& config, const std::string& name,
                         const Shared& shared) {
    const auto source = capture::open_source(config.capture, shared.stop);
    const capture::SourceInfo& info = source->info();
    const DetectorConfig& detector = config.detector;
    Detector alone(shared.model, detector);
    TerminalHalf half(shared.model, {.size = detector.size, .threads = detector.threads});
    spdlog::info("{}source={} frames={} model={} size={} cut={} codec={}",
                 name.empty() ? "" : "camera=" + name + " ", info.name, info.frames,
                 model_id(*shared.model), detector.size, shared.plan.cut,
                 to_string(shared.plan.codec));
    RemoteStream stream(*source, half, alone, shared.link,
                        {.feed = {.keep_newest = keeps_newest(config.pace, info)},
                         .plan = shared.plan,
                         .post = detector.post},
                        shared.stop);
    const std::string work = name.empty() ? "terminal" : "terminal camera=" + name;
    DetectOutcome outcome = run_stream(stream, info, config, *shared.model, work, [&] {
        return link_text(stream.counts(), shared.link.round_trip());
    });
    outcome.summary += link_text(stream.counts(), shared.link.round_trip()) + "\n";
    return outcome;
}

/// A camera among others: what is wrong with one does not end the others.
DetectOutcome try_camera(const DetectConfig& config, const CameraConfig& camera,
                         const Shared& shared) {
    DetectOutcome outcome;
    try {
        DetectConfig own = config;
        own.capture.source = camera.source;
        own.output.folder /= camera.name;
        outcome = run_camera(own, camera.name, shared);
    } catch (const Error& e) {
        spdlog::error("camera={} error=\"{}\"", camera.name, e.what());
        outcome.complaint = e.what();
    }
    outcome.summary = "camera " + camera.name + ": " + outcome.summary;
    if (!outcome.complaint.empty()) outcome.complaint = camera.name + ": " + outcome.complaint;
    return outcome;
}

DetectOutcome run_cameras(const TerminalConfig& config, const Shared& shared) {
    std::vector<std::future<DetectOutcome>> running;
    for (const CameraConfig& camera : config.cameras) {
        running.push_back(std::async(std::launch::async, try_camera, std::cref(config.detect),
                                     std::cref(camera), std::cref(shared)));
    }
    DetectOutcome all;
    for (std::future<DetectOutcome>& camera : running) {
        const DetectOutcome outcome = camera.get();
        all.summary += outcome.summary;
        if (outcome.complaint.empty()) continue;
        all.complaint += (all.complaint.empty() ? "" : "; ") + outcome.complaint;
    }
    return all;
}

}  // namespace

DetectOutcome run_terminal(const TerminalConfig& config, const std::stop_token& stop) {
    const DetectConfig& detect_config = config.detect;
    const bool several = !config.cameras.empty();
    if (several && (!detect_config.output.coco.empty() || !detect_config.output.mot.empty() ||
                    !detect_config.output.trace.empty())) {
        throw Error("coco, mot, trace: one file cannot hold several cameras");
    }
    if (config.link.plan.cut == "local") {
        if (several) throw Error("cut: local is for one source; run caplamp detect for each");
        return detect(detect_config, stop);
    }
    const auto keys = read_terminal_keys(config.link);
    const auto model = std::make_shared<const Model>(
        load_model(detect_config.detector.model, detect_config.detector.weights));
    SplitPlan plan = make_plan(*model, config.link.plan);
    const transport::TerminalEndConfig end = end_config(config, keys, *model);
    if (!end.keys && std::ranges::any_of(end.servers, transport::is_on_network)) {
        spdlog::warn("encrypted=no: anybody on the network may read, and answer");
    }
    TerminalLink link(end);
    const Shared shared{model, std::move(plan), link, stop};
    spdlog::info("servers={}", fmt::join(config.link.servers, ","));
    return several ? run_cameras(config, shared) : run_camera(detect_config, "", shared);
}

}  // namespace caplamp::app
