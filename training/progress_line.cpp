// SPDX-License-Identifier: Apache-2.0
#include "training/progress_line.hpp"

#include <unistd.h>

#include <algorithm>

namespace caplamp::training {
namespace {

struct HoursAndMinutes {
    explicit HoursAndMinutes(double seconds) {
        const int minutes = static_cast<int>(std::clamp(seconds, 0.0, 1e8) / 60);
        std::snprintf(text, sizeof text, "%d:%02d", minutes / 60, minutes % 60);
    }
    char text[24];
};

}  // namespace

ProgressLine::ProgressLine(std::FILE* out) : out_(out), is_terminal_(::isatty(fileno(out)) != 0) {}

void ProgressLine::end_line() {
    if (line_open_) std::fputc('\n', out_);
    line_open_ = false;
}

void ProgressLine::on_note(const std::string& text) {
    end_line();
    std::fprintf(out_, "%s\n", text.c_str());
    std::fflush(out_);
}

void ProgressLine::on_step(const CurveRow& step, double progress, double seconds_left) {
    const auto now = std::chrono::steady_clock::now();
    const auto pause = is_terminal_ ? std::chrono::milliseconds(200) : std::chrono::seconds(30);
    if (now - shown_ < pause) return;
    shown_ = now;
    std::fprintf(out_,
                 "%s%5.1f %%  step %lld  epoch %.2f  size %d  rate %.2e  box %.3f  class %.3f  "
                 "distribution %.3f  gradient %.1f  %.1f pictures/s  %s left%s",
                 is_terminal_ ? "\r" : "", progress * 100, static_cast<long long>(step.step),
                 step.epoch, step.size, step.learning_rate, step.losses.box, step.losses.classes,
                 step.losses.distribution, step.gradient, step.pictures_per_second,
                 HoursAndMinutes(seconds_left).text, is_terminal_ ? "\033[K" : "\n");
    line_open_ = is_terminal_;
    std::fflush(out_);
}

void ProgressLine::on_validation(const evaluation::EvaluationResult& result, bool is_best) {
    end_line();
    std::fprintf(out_, "validation (%d pictures, protocol coco)  mAP@0.5 %.3f", result.pictures,
                 result.map.value_or(0));
    for (const evaluation::ClassResult& of_class : result.classes) {
        if (!of_class.ap) continue;
        std::fprintf(out_, "  %s %.3f", of_class.name.c_str(), *of_class.ap);
    }
    std::fprintf(out_, "%s\n", is_best ? "  best so far" : "");
    std::fflush(out_);
}

}  // namespace caplamp::training
