// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "app/detector.hpp"
#include "app/model.hpp"
#include "app/recent.hpp"
#include "neck_head/neck_head.hpp"
#include "transport/codec.hpp"
#include "transport/server_end.hpp"

namespace caplamp::app {

struct ServerHalfConfig {
    int threads = 1;
    std::size_t max_shapes = 4;  // pairs of cut and input shape kept compiled
};

/// The network behind the cut: what crossed the link to boxes in pixels of the source's picture.
/// One thread at a time.
class ServerHalf {
public:
    ServerHalf(std::shared_ptr<const Model> model, const ServerHalfConfig& config);

    /// `ok` with the detections, or `unknown` with the reason why nobody can look at this frame.
    transport::Result run(const transport::FrameJob& job);

private:
    Detections look_at_features(const transport::FrameJob& job);
    Detections look_at_jpeg(const transport::FrameJob& job);

    std::shared_ptr<const Model> model_;
    ServerHalfConfig config_;
    neck_head::PostProcess post_;
    Recent<std::pair<std::string, Shape>, neck_head::NeckHead> rests_;
    Recent<Shape, Detector> wholes_{1};
    transport::Decoder decoder_;
};

}  // namespace caplamp::app
