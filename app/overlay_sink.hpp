// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <optional>

#include "app/overlay.hpp"
#include "app/result_sink.hpp"
#include "app/video_writer.hpp"

namespace caplamp::app {

struct OverlaySinkConfig {
    std::filesystem::path file;
    OverlayLabels labels;
    double frames_per_second = 25;
    int long_side = 1920;
};

/// The video with boxes. It begins with the first picture, whose size it keeps.
class OverlaySink : public ResultSink {
public:
    explicit OverlaySink(OverlaySinkConfig config);

    void write(const FrameResult& result) override;
    void finish() override;
    const std::filesystem::path& name() const override { return config_.file; }

private:
    double speed();

    OverlaySinkConfig config_;
    std::optional<Overlay> overlay_;
    std::unique_ptr<VideoWriter> video_;
    std::chrono::steady_clock::time_point last_{};
    double seconds_a_frame_ = 0;  // running mean
};

}  // namespace caplamp::app
