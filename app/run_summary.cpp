// SPDX-License-Identifier: Apache-2.0
#include "app/run_summary.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <string_view>
#include <utility>

namespace caplamp::app {

RunSummary::RunSummary(std::vector<std::string> classes)
    : classes_(std::move(classes)), counts_(classes_.size(), 0) {
    for (const char* name : {"decode", "letterbox", "network", "post-processing", "encode", "wire",
                             "queue", "compute", "drawing"}) {
        stages_.push_back({name, {}});
    }
}

void RunSummary::add(const TimedResult& timed, std::chrono::duration<double> drawing) {
    ++frames_;
    if (!was_looked_at(timed.result.status)) {
        if (lost_++ == 0) first_loss_ = timed.result.reason;
        return;
    }
    add("decode", timed.decode);
    add("letterbox", timed.detector.letterbox);
    add("network", timed.detector.network);
    if (timed.link) {
        add("encode", timed.link->encode);
        add("wire", timed.link->wire());
        add("queue", timed.link->queue);
        add("compute", timed.link->compute);
    } else {
        add("post-processing", timed.detector.post);
    }
    add("drawing", drawing);
    for (const Detection& detection : timed.result.detections) {
        ++counts_.at(static_cast<std::size_t>(detection.class_id));
    }
}

void RunSummary::add(const char* stage, std::chrono::duration<double> time) {
    std::ranges::find(stages_, std::string_view(stage), &Stage::name)->times.add(time);
}

std::string RunSummary::text(std::uint64_t dropped,
                             const std::vector<std::filesystem::path>& outputs) const {
    const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - begin_;
    std::string text =
        fmt::format("{} frames in {:.1f} s, {:.1f} frames/s; median (p95) ms:", frames_,
                    passed.count(), static_cast<double>(frames_) / passed.count());
    for (const Stage& stage : stages_) {
        if (stage.times.count() == 0 && &stage != &stages_.back()) continue;
        text += fmt::format(
            " {} {:.2f} ({:.2f}){}", stage.name, 1e3 * stage.times.quantile(0.5).count(),
            1e3 * stage.times.quantile(0.95).count(), &stage == &stages_.back() ? "\n" : ",");
    }
    text += "found:";
    for (std::size_t i = 0; i < classes_.size(); ++i) {
        text +=
            fmt::format(" {} {}{}", classes_[i], counts_[i], i + 1 < classes_.size() ? "," : "");
    }
    text += fmt::format("; frames lost {}, dropped {}\nwritten:", lost_, dropped);
    for (const auto& output : outputs) text += fmt::format(" {}", output.string());
    return text + "\n";
}

}  // namespace caplamp::app
