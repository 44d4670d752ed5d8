// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "app/model.hpp"
#include "app/recent.hpp"
#include "backbone/backbone.hpp"
#include "capture/letterbox.hpp"
#include "core/frame.hpp"
#include "transport/codec.hpp"
#include "transport/envelope.hpp"

namespace caplamp::app {

struct TerminalHalfConfig {
    std::string cut = "4-5";   // a layer of the table, or "jpeg"
    transport::Codec codec{};  // of the tensors
    int jpeg_quality = 90;     // of the cut "jpeg"
    int size = 640;
    int threads = 1;
};

/// Where the time of one frame went on this side.
struct TerminalHalfTimes {
    std::chrono::duration<double> letterbox{};
    std::chrono::duration<double> network{};
    std::chrono::duration<double> encode{};
};

/// The network before the cut: a frame to what crosses the link. One thread at a time.
class TerminalHalf {
public:
    /// `model` is shared with the detector that finishes frames alone. `scales` of all tensors of
    /// this cut at the codec's bits, or null when it needs none. Throws Error for a cut that is not
    /// there, or scales that are not its own.
    TerminalHalf(std::shared_ptr<const Model> model, TerminalHalfConfig config,
                 std::shared_ptr<const transport::ScaleTable> scales);

    /// Throws Error when the features are not numbers: such a network shows nothing.
    transport::Envelope run(const Frame& frame, std::uint32_t plan, std::uint16_t camera);
    const TerminalHalfTimes& last_times() const { return times_; }
    const TerminalHalfConfig& config() const { return config_; }

private:
    void add_tensors(const Frame& frame, const capture::LetterboxGeometry& geometry,
                     transport::Envelope& into);
    void add_jpeg(const Frame& frame, transport::Envelope& into);

    std::shared_ptr<const Model> model_;
    TerminalHalfConfig config_;
    std::shared_ptr<const transport::ScaleTable> scales_;
    capture::Letterbox letterbox_;
    Recent<Shape, backbone::Backbone> backbones_{4};
    transport::Encoder encoder_;
    TerminalHalfTimes times_;
};

}  // namespace caplamp::app
