// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "app/model.hpp"
#include "app/recent.hpp"
#include "app/split_plan.hpp"
#include "backbone/backbone.hpp"
#include "capture/letterbox.hpp"
#include "core/frame.hpp"
#include "transport/codec.hpp"
#include "transport/envelope.hpp"

namespace caplamp::app {

struct TerminalHalfConfig {
    int size = 640;
    int threads = 1;
    std::size_t max_shapes = 4;  // pairs of cut and input shape kept compiled
};

/// Where the time of one frame went on this side.
struct TerminalHalfTimes {
    std::chrono::steady_clock::time_point begin{};
    std::chrono::duration<double> letterbox{};
    std::chrono::duration<double> network{};
    std::chrono::duration<double> encode{};
};

/// The network before the cut: a frame to what crosses the link. One thread at a time.
class TerminalHalf {
public:
    /// `model` is shared with the detector that finishes frames alone.
    TerminalHalf(std::shared_ptr<const Model> model, const TerminalHalfConfig& config);

    /// A FrameHeader with its parts, still without the numbers of its plan and camera. The plan
    /// has passed check_plan(). Throws Error when the features are not numbers: such a network
    /// shows nothing.
    transport::Envelope run(const Frame& frame, const SplitPlan& plan);
    const TerminalHalfTimes& last_times() const { return times_; }
    const Model& model() const { return *model_; }

private:
    void add_tensors(const Frame& frame, const SplitPlan& plan,
                     const capture::LetterboxGeometry& geometry, transport::Envelope& into);
    void add_jpeg(const Frame& frame, int quality, transport::Envelope& into);

    std::shared_ptr<const Model> model_;
    TerminalHalfConfig config_;
    capture::Letterbox letterbox_;
    Recent<std::pair<std::string, Shape>, backbone::Backbone> backbones_;
    transport::Encoder encoder_;
    TerminalHalfTimes times_;
};

}  // namespace caplamp::app
