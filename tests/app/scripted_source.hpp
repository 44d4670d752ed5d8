// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <opencv2/core.hpp>
#include <optional>
#include <utility>

#include "capture/source.hpp"

namespace caplamp::test {

/// Frames as a function of their number.
class ScriptedSource : public capture::Source {
public:
    using Script = std::function<std::optional<capture::Captured>(std::uint64_t)>;
    explicit ScriptedSource(Script script) : script_(std::move(script)) {}
    const capture::SourceInfo& info() const override { return info_; }
    std::optional<capture::Captured> next(const std::stop_token&) override {
        return script_(sequence_++);
    }

private:
    Script script_;
    std::uint64_t sequence_ = 0;
    capture::SourceInfo info_{.name = "script"};
};

inline Frame grey_frame(std::uint64_t sequence) {
    Frame frame;
    frame.camera = "script";
    frame.sequence = sequence;
    frame.image = cv::Mat(32, 32, CV_8UC3, cv::Scalar::all(90));
    return frame;
}

/// The same picture for the same number.
inline Frame noisy_frame(std::uint64_t sequence, cv::Size size) {
    Frame frame = grey_frame(sequence);
    frame.image.create(size, CV_8UC3);
    cv::RNG(sequence + 1).fill(frame.image, cv::RNG::UNIFORM, 0, 256);
    return frame;
}

inline ScriptedSource::Script noisy_frames(std::uint64_t count, cv::Size size) {
    return [=](std::uint64_t i) {
        return i < count ? std::optional<capture::Captured>(noisy_frame(i, size)) : std::nullopt;
    };
}

}  // namespace caplamp::test
