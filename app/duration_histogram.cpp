// SPDX-License-Identifier: Apache-2.0
#include "app/duration_histogram.hpp"

#include <algorithm>
#include <cmath>

namespace caplamp::app {
namespace {

constexpr double least = 1e-6;
constexpr double growth = 1.02;

}  // namespace

void DurationHistogram::add(Seconds duration) {
    const double steps = std::log(std::max(duration.count(), least) / least) / std::log(growth);
    const double last = static_cast<double>(bins_.size() - 1);
    ++bins_[static_cast<std::size_t>(std::min(steps, last))];
    ++count_;
}

DurationHistogram::Seconds DurationHistogram::quantile(double q) const {
    if (count_ == 0) return {};
    const auto rank = static_cast<std::uint64_t>(std::ceil(q * static_cast<double>(count_)));
    std::uint64_t below = 0;
    std::size_t bin = 0;
    for (; bin + 1 < bins_.size(); ++bin) {
        below += bins_[bin];
        if (below >= std::max<std::uint64_t>(1, rank)) break;
    }
    return Seconds(least * std::pow(growth, static_cast<double>(bin) + 0.5));
}

}  // namespace caplamp::app
