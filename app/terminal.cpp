// SPDX-License-Identifier: Apache-2.0
#include "app/terminal.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <random>

#include "app/cuts.hpp"
#include "app/detect.hpp"
#include "app/link_keys.hpp"
#include "app/model_id.hpp"
#include "app/remote_stream.hpp"
#include "core/error.hpp"
#include "transport/socket_options.hpp"

namespace caplamp::app {
namespace {

TerminalHalfConfig half_config(const TerminalConfig& config, const Model& model) {
    const auto codec = transport::parse_codec(config.link.codec);
    if (!codec)
        throw Error("codec: " + config.link.codec + " is none; see caplamp terminal --help");
    return {.cut = name_of_cut(model, config.link.cut),
            .codec = *codec,
            .jpeg_quality = config.link.jpeg_quality,
            .size = config.detect.detector.size,
            .threads = config.detect.detector.threads};
}

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

/// For the line that appears once a second.
std::string link_text(const LinkCounts& counts) {
    const std::string where = counts.server.empty() ? "link=down why=\"" + counts.trouble + "\""
                                                    : "link=" + counts.server;
    const double kilobytes = counts.frames == 0 ? 0
                                                : static_cast<double>(counts.bytes) /
                                                      static_cast<double>(counts.frames) / 1000;
    return fmt::format("{} sent={} kilobytes_a_frame={:.1f} alone={} outages={}", where,
                       counts.frames, kilobytes, counts.alone, counts.outages);
}

}  // namespace

DetectOutcome run_terminal(const TerminalConfig& config, const std::stop_token& stop) {
    if (config.link.cut == "local") return detect(config.detect, stop);
    const auto keys = read_terminal_keys(config.link);
    const DetectConfig& detect = config.detect;
    const auto source = capture::open_source(detect.capture, stop);
    const auto model =
        std::make_shared<const Model>(load_model(detect.detector.model, detect.detector.weights));
    Detector alone(model, detect.detector);
    TerminalHalf half(model, half_config(config, *model), nullptr);
    const capture::SourceInfo& info = source->info();
    spdlog::info("source={} frames={} model={} size={} cut={} codec={} servers={}", info.name,
                 info.frames, model_id(*model), detect.detector.size, half.config().cut,
                 config.link.codec, fmt::join(config.link.servers, ","));
    if (!keys && std::ranges::any_of(config.link.servers, transport::is_on_network)) {
        spdlog::warn("encrypted=no: anybody on the network may read, and answer");
    }
    RemoteStream stream(*source, half, alone, nullptr,
                        {.feed = {.keep_newest = keeps_newest(detect.pace, info)},
                         .link = end_config(config, keys, *model),
                         .post = detect.detector.post},
                        stop);
    DetectOutcome outcome = run_stream(stream, info, detect, *model, "terminal",
                                       [&] { return link_text(stream.counts()); });
    outcome.summary += link_text(stream.counts()) + "\n";
    return outcome;
}

}  // namespace caplamp::app
