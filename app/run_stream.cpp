// SPDX-License-Identifier: Apache-2.0
#include "app/run_stream.hpp"

#include <spdlog/spdlog.h>

#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "app/overlay_sink.hpp"
#include "app/progress.hpp"
#include "app/result_sink.hpp"
#include "app/run_summary.hpp"
#include "app/trace.hpp"
#include "core/error.hpp"

namespace caplamp::app {
namespace {

using Sinks = std::vector<std::unique_ptr<ResultSink>>;

Sinks make_sinks(const DetectConfig& config, const capture::SourceInfo& source,
                 const Model& model) {
    const OutputConfig& output = config.output;
    Sinks sinks;
    sinks.push_back(
        make_jsonl_sink(output.folder / "detections.jsonl", model.classes, source.pictures));
    if (!output.coco.empty()) sinks.push_back(make_coco_sink(output.coco, source.pictures));
    if (!output.mot.empty()) sinks.push_back(make_mot_sink(output.mot));
    if (output.video) {
        const std::string name = model.table.name + " " + std::to_string(config.detector.size) +
                                 " " + config.detector.precision;
        const double rate = source.frames_per_second > 0 ? source.frames_per_second : 25;
        const OverlayLabels labels{.classes = model.classes, .model = name};
        sinks.push_back(
            std::make_unique<OverlaySink>(OverlaySinkConfig{.file = output.folder / "overlay.mp4",
                                                            .labels = labels,
                                                            .frames_per_second = rate,
                                                            .long_side = output.video_long_side}));
        if (source.pictures) {
            sinks.push_back(
                make_picture_sink(output.folder / "overlay", labels, output.video_long_side));
        }
    }
    return sinks;
}

/// What a source that broke leaves in the outputs, lest they look like the whole story.
TimedResult last_word(const FrameResult& before, const std::string& why) {
    TimedResult timed;
    timed.result.camera = before.camera;
    timed.result.sequence = before.sequence + 1;
    timed.result.media_time = before.media_time;
    timed.result.status = FrameStatus::unknown;
    timed.result.reason = why;
    return timed;
}

/// Takes results until the stream ends and hands them to `take`; returns what broke the source,
/// empty if nothing did. A source that breaks before its first result throws.
std::string drain(ResultStream& stream, const std::function<void(const TimedResult&)>& take) {
    std::optional<FrameResult> before;
    while (true) {
        std::optional<TimedResult> timed;
        try {
            timed = stream.next();
        } catch (const Error& e) {
            if (!before) throw;
            take(last_word(*before, e.what()));
            return e.what();
        }
        if (!timed) return {};
        take(*timed);
        before = std::move(timed->result);
    }
}

std::string complaint_about(const capture::SourceInfo& source, const RunSummary& summary) {
    // Outages of a camera are everyday; a file that was not seen whole wants somebody to look.
    if (source.live || summary.lost() == 0) return {};
    return source.name + ": " + std::to_string(summary.lost()) + " of " +
           std::to_string(summary.frames()) +
           " frames could not be read, the first: " + summary.first_loss();
}

}  // namespace

bool keeps_newest(Pace pace, const capture::SourceInfo& source) {
    return pace == Pace::newest || (pace == Pace::automatic && source.live);
}

DetectOutcome run_stream(ResultStream& stream, const capture::SourceInfo& source,
                         const DetectConfig& config, const Model& model, const std::string& command,
                         std::function<std::string()> more) {
    const Sinks sinks = make_sinks(config, source, model);
    RunSummary summary(model.classes);
    Progress progress(command, "frames", source.frames, std::move(more));
    std::optional<Trace> trace;
    if (!config.output.trace.empty()) trace.emplace(config.output.trace);
    std::string complaint = drain(stream, [&](const TimedResult& timed) {
        const auto begin = std::chrono::steady_clock::now();
        for (const auto& sink : sinks) sink->write(timed.result);
        summary.add(timed, std::chrono::steady_clock::now() - begin);
        if (trace) trace->write(timed);
        if (!was_looked_at(timed.result.status)) {
            progress.warn(fmt::format("frame={} status={} reason=\"{}\"", timed.result.sequence,
                                      to_string(timed.result.status), timed.result.reason));
        }
        progress.update(summary.frames());
    });
    std::vector<std::filesystem::path> outputs;
    for (const auto& sink : sinks) {
        sink->finish();
        outputs.push_back(sink->name());
    }
    if (trace) {
        trace->finish();
        outputs.push_back(trace->name());
    }
    if (complaint.empty()) complaint = complaint_about(source, summary);
    return {summary.text(stream.dropped(), outputs), complaint};
}

}  // namespace caplamp::app
