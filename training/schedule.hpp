// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace caplamp::training {

/// How a training changes while it goes on. Progress is 0 at the start and 1 at the end.
struct ScheduleConfig {
    double learning_rate = 0.0015;  // the highest, after warm-up
    double final_share = 0.01;      // of it, at the end
    double warmup_steps = 100;      // linear from nearly 0
    int size = 640;
    int size_final = 0;           // of the last part; 0: the same
    double final_fraction = 0.2;  // that part
    double close_mosaic = 0.1;    // last part without mosaic
    double ema_decay = 0.9999;    // of the averaged weights, per step
    double ema_ramp = 2000;       // steps in which the decay rises to 63 % of it
};

/// Linear warm-up by steps, then half a cosine by progress (Loshchilov & Hutter 2017).
double learning_rate_at(const ScheduleConfig& config, std::int64_t step, double progress);

int size_at(const ScheduleConfig& config, double progress);
bool mosaic_at(const ScheduleConfig& config, double progress);

/// decay * (1 - exp(-step / ramp)), as Ultralytics: young averages follow quickly.
double ema_decay_at(const ScheduleConfig& config, std::int64_t step);

}  // namespace caplamp::training
