// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdio>

#include "training/trainer.hpp"

namespace caplamp::training {

/// Shows a training to a person: one line that is rewritten on a terminal, a line every 30 s in
/// a log.
class ProgressLine : public TrainingListener {
public:
    explicit ProgressLine(std::FILE* out);

    void on_note(const std::string& text) override;
    void on_step(const CurveRow& step, double progress, double seconds_left) override;
    void on_validation(const evaluation::EvaluationResult& result, bool is_best) override;

private:
    void end_line();

    std::FILE* out_;
    bool is_terminal_;
    bool line_open_ = false;
    std::chrono::steady_clock::time_point shown_{};
};

}  // namespace caplamp::training
