// SPDX-License-Identifier: Apache-2.0
#include "app/terminal_half.hpp"

#include <chrono>
#include <limits>
#include <opencv2/imgcodecs.hpp>
#include <utility>

#include "core/error.hpp"

namespace caplamp::app {
namespace {

using Clock = std::chrono::steady_clock;

std::int64_t nanoseconds_since_1970(Clock::time_point captured) {
    // Only the wall clock means something to another machine.
    const auto age = Clock::now() - captured;
    const auto then = std::chrono::system_clock::now() - age;
    return std::chrono::nanoseconds(then.time_since_epoch()).count();
}

std::uint16_t side(int pixels) {
    if (pixels > std::numeric_limits<std::uint16_t>::max()) {
        throw Error("a side of " + std::to_string(pixels) + " pixels is too long for the link");
    }
    return static_cast<std::uint16_t>(pixels);
}

}  // namespace

TerminalHalf::TerminalHalf(std::shared_ptr<const Model> model, const TerminalHalfConfig& config)
    : model_(std::move(model)), config_(config), backbones_(config.max_shapes) {}

transport::Envelope TerminalHalf::run(const Frame& frame, const SplitPlan& plan) {
    const capture::LetterboxGeometry geometry = capture::letterbox_geometry(
        frame.image.cols, frame.image.rows, config_.size, model_->table.multiple_of());
    transport::FrameHeader header{.sequence = frame.sequence,
                                  .captured_ns = nanoseconds_since_1970(frame.captured),
                                  .picture_width = side(frame.image.cols),
                                  .picture_height = side(frame.image.rows),
                                  .input_width = side(geometry.width),
                                  .input_height = side(geometry.height)};
    transport::Envelope envelope{std::move(header)};
    if (plan.cut == "jpeg") {
        add_jpeg(frame, plan.jpeg_quality, envelope);
    } else {
        add_tensors(frame, plan, geometry, envelope);
    }
    return envelope;
}

void TerminalHalf::add_jpeg(const Frame& frame, int quality, transport::Envelope& into) {
    const auto begin = Clock::now();
    std::vector<std::uint8_t> bytes;
    cv::imencode(".jpg", frame.image, bytes, {cv::IMWRITE_JPEG_QUALITY, quality});
    into.parts.push_back(transport::part_of(std::move(bytes)));
    times_ = {.begin = begin, .letterbox = {}, .network = {}, .encode = Clock::now() - begin};
}

void TerminalHalf::add_tensors(const Frame& frame, const SplitPlan& plan,
                               const capture::LetterboxGeometry& geometry,
                               transport::Envelope& into) {
    const Shape input = geometry.input_shape();
    backbone::Backbone& backbone = backbones_.get({plan.cut, input}, [&] {
        return backbone::Backbone(model_->graph, model_->weights,
                                  {.picture = input, .cut = plan.cut, .threads = config_.threads});
    });
    const auto begin = Clock::now();
    letterbox_.run(frame.image, geometry, backbone.picture());
    const auto boxed = Clock::now();
    const std::vector<TensorView>& features = backbone.run();
    const auto computed = Clock::now();
    auto& header = std::get<transport::FrameHeader>(into.message);
    for (std::size_t i = 0; i < features.size(); ++i) {
        const transport::TensorScales* scales = plan.scales ? &plan.scales->tensors[i] : nullptr;
        std::vector<std::uint8_t> bytes;
        if (!encoder_.encode(features[i], plan.codec, scales, bytes)) {
            throw Error("the network gives numbers that are none; are its weights damaged?");
        }
        header.tensors.push_back({.value = static_cast<std::uint32_t>(backbone.feature_values()[i]),
                                  .shape = features[i].shape(),
                                  .codec = plan.codec,
                                  .checksum = transport::checksum(bytes)});
        into.parts.push_back(transport::part_of(std::move(bytes)));
    }
    times_ = {.begin = begin,
              .letterbox = boxed - begin,
              .network = computed - boxed,
              .encode = Clock::now() - computed};
}

}  // namespace caplamp::app
