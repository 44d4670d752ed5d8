// SPDX-License-Identifier: Apache-2.0
#include "app/progress.hpp"

#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>

namespace caplamp::app {
namespace {

using Clock = std::chrono::steady_clock;
constexpr int bar_width = 28;

std::string time_text(double seconds) {
    const long long whole = std::llround(seconds);
    if (whole < 3600) return fmt::format("{}:{:02}", whole / 60, whole % 60);
    return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
}

}  // namespace

Progress::Progress(std::string what, std::string unit, std::uint64_t total,
                   std::function<std::string()> more)
    : what_(std::move(what)),
      unit_(std::move(unit)),
      total_(total),
      more_(std::move(more)),
      terminal_(isatty(STDERR_FILENO) != 0),
      begin_(Clock::now()),
      shown_(begin_) {}

Progress::~Progress() { clear(); }

void Progress::update(std::uint64_t done) {
    const auto now = Clock::now();
    const auto pause = terminal_ ? std::chrono::milliseconds(100) : std::chrono::seconds(1);
    if (now - shown_ < pause) return;
    shown_ = now;
    const double seconds = std::chrono::duration<double>(now - begin_).count();
    if (terminal_) {
        draw(done, seconds);
    } else {
        spdlog::info("work={} done={} total={} per_second={:.2f}{}", what_, done, total_,
                     static_cast<double>(done) / seconds, more_ ? " " + more_() : "");
    }
}

void Progress::draw(std::uint64_t done, double seconds) {
    const double rate = static_cast<double>(done) / std::max(seconds, 1e-9);
    std::string line = fmt::format("{} {} {}, {:.1f}/s", what_, done, unit_, rate);
    if (total_ > 0) {
        const double share = std::min(1.0, static_cast<double>(done) / static_cast<double>(total_));
        const auto full = static_cast<std::size_t>(share * bar_width);
        const double left =
            rate > 0 ? static_cast<double>(total_ - std::min(done, total_)) / rate : 0;
        line = fmt::format("{} [{}{}] {}/{} {}, {:.1f}/s, {} left", what_, std::string(full, '='),
                           std::string(bar_width - full, ' '), done, total_, unit_, rate,
                           time_text(left));
    }
    if (more_) line += ", " + more_();
    std::fprintf(stderr, "\r\033[K%s", line.c_str());
    std::fflush(stderr);
    drawn_ = true;
}

void Progress::clear() {
    if (std::exchange(drawn_, false)) std::fputs("\r\033[K", stderr);
}

void Progress::warn(const std::string& message) {
    clear();
    spdlog::warn("{}", message);
}

}  // namespace caplamp::app
