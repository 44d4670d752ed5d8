// SPDX-License-Identifier: Apache-2.0
#include "training/schedule.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace caplamp::training {

double learning_rate_at(const ScheduleConfig& config, std::int64_t step, double progress) {
    const double wave = (1 + std::cos(std::numbers::pi * std::clamp(progress, 0.0, 1.0))) / 2;
    const double decayed = config.final_share + (1 - config.final_share) * wave;
    const double warmth =
        std::min(1.0, static_cast<double>(step + 1) / std::max(1.0, config.warmup_steps));
    return config.learning_rate * decayed * warmth;
}

int size_at(const ScheduleConfig& config, double progress) {
    const bool is_final = config.size_final > 0 && progress >= 1 - config.final_fraction;
    return is_final ? config.size_final : config.size;
}

bool mosaic_at(const ScheduleConfig& config, double progress) {
    return progress < 1 - config.close_mosaic;
}

double ema_decay_at(const ScheduleConfig& config, std::int64_t step) {
    return config.ema_decay * (1 - std::exp(-static_cast<double>(step) / config.ema_ramp));
}

}  // namespace caplamp::training
