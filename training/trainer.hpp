// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>

#include "evaluation/evaluate.hpp"
#include "training/curves.hpp"
#include "training/train_config.hpp"

namespace caplamp::training {

/// Told what happens, on the training's thread.
class TrainingListener {
public:
    virtual ~TrainingListener() = default;
    virtual void on_note(const std::string& text) = 0;
    /// `progress` is 0..1; `seconds_left` is an estimate.
    virtual void on_step(const CurveRow& step, double progress, double seconds_left) = 0;
    virtual void on_validation(const evaluation::EvaluationResult& result, bool is_best) = 0;
};

/// A training run in a folder: config.yaml, curves.csv, checkpoint.pt, last.safetensors and
/// best.safetensors (the averaged weights, fp16, training form).
class Trainer {
public:
    /// Reads the data and prepares the folder; with `resume` continues from its checkpoint.
    /// Throws Error and ConfigError for what the user must fix.
    Trainer(const TrainConfig& config, bool resume, TrainingListener& listener);
    ~Trainer();

    /// Trains to the end, or until `stop` is set; saves a checkpoint either way. True: the end.
    bool run(const std::atomic<bool>& stop);

private:
    class Session;
    std::unique_ptr<Session> session_;
};

}  // namespace caplamp::training
