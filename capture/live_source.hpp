// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "capture/source.hpp"

namespace caplamp::capture {

/// A live source that comes back by itself. When the camera goes away, `next` hands out one
/// LostFrame that says why, then opens it again and again with growing pauses. Numbers and times
/// go on across outages; it never ends unless stopped.
class LiveSource : public Source {
public:
    using Open = std::function<std::unique_ptr<Source>(const std::stop_token&)>;

    /// `first` is already open; `reopen` opens the same camera anew, throwing Error if it cannot.
    LiveSource(std::unique_ptr<Source> first, Open reopen, const CaptureConfig& config);

    const SourceInfo& info() const override { return info_; }
    std::optional<Captured> next(const std::stop_token& stop) override;

private:
    std::optional<Captured> forward(Captured captured);
    LostFrame outage(const std::string& why);
    void try_again(const std::stop_token& stop);

    std::unique_ptr<Source> camera_;
    Open reopen_;
    SourceInfo info_;
    std::chrono::milliseconds first_pause_;
    std::chrono::milliseconds longest_pause_;
    std::chrono::milliseconds pause_;
    std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
    std::chrono::duration<double> offset_{};  // of the present connection's clock
    std::uint64_t sequence_ = 0;
};

}  // namespace caplamp::capture
