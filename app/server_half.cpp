// SPDX-License-Identifier: Apache-2.0
#include "app/server_half.hpp"

#include <algorithm>
#include <chrono>
#include <opencv2/imgcodecs.hpp>

#include "capture/jpeg_check.hpp"
#include "capture/letterbox.hpp"
#include "core/error.hpp"

namespace caplamp::app {
namespace {

using transport::FrameHeader;
using transport::FrameJob;

// Larger ones would let a terminal fill the server's memory.
constexpr int largest_input = 2048;

neck_head::PostConfig post_of(const transport::Plan& plan) {
    neck_head::PostConfig post;
    post.decode.score = plan.score;
    post.nms.iou = plan.iou;
    post.nms.max_boxes = plan.max_boxes;
    return post;
}

/// Throws Error unless the header's input is the letterbox of its picture.
capture::LetterboxGeometry geometry_of(const FrameHeader& header, int multiple) {
    const int size = std::max(header.input_width, header.input_height);
    if (size == 0 || size % multiple != 0 || size > largest_input) {
        throw Error("an input of " + std::to_string(size) + " pixels, not a multiple of " +
                    std::to_string(multiple) + " up to " + std::to_string(largest_input));
    }
    const capture::LetterboxGeometry geometry =
        capture::letterbox_geometry(header.picture_width, header.picture_height, size, multiple);
    if (geometry.width != header.input_width || geometry.height != header.input_height) {
        throw Error("its letterbox is not the picture's");
    }
    return geometry;
}

}  // namespace

ServerHalf::ServerHalf(std::shared_ptr<const Model> model, const ServerHalfConfig& config)
    : model_(std::move(model)),
      config_(config),
      post_(neck_head::HeadLayout::of(model_->table)),
      rests_(config.max_shapes) {}

transport::Result ServerHalf::run(const FrameJob& job) {
    const auto begin = std::chrono::steady_clock::now();
    const auto microseconds = [](auto duration) {
        return static_cast<std::uint32_t>(
            std::chrono::duration_cast<std::chrono::microseconds>(duration).count());
    };
    transport::Result result{.queue_us = microseconds(begin - job.came)};
    try {
        result.detections = job.plan->cut == "jpeg" ? look_at_jpeg(job) : look_at_features(job);
    } catch (const std::exception& e) {
        // A frame that cannot be looked at is the terminal's to hear about; the server goes on.
        result.status = transport::Status::unknown;
        result.reason = e.what();
    }
    result.compute_us = microseconds(std::chrono::steady_clock::now() - begin);
    return result;
}

Detections ServerHalf::look_at_features(const FrameJob& job) {
    const FrameHeader& header = job.header;
    const auto geometry = geometry_of(header, model_->table.multiple_of());
    const Shape input = geometry.input_shape();
    neck_head::NeckHead& rest = rests_.get({job.plan->cut, input}, [&] {
        return neck_head::NeckHead(
            model_->graph, model_->weights,
            {.picture = input, .cut = job.plan->cut, .threads = config_.threads});
    });
    if (rest.feature_values().size() != header.tensors.size() ||
        (job.scales && job.scales->tensors.size() != header.tensors.size())) {
        throw Error("its tensors are not those of the cut");
    }
    for (std::size_t i = 0; i < header.tensors.size(); ++i) {
        const transport::TensorHeader& tensor = header.tensors[i];
        const MutableTensorView feature = rest.feature(i);
        const bool expected = tensor.shape == feature.shape() &&
                              static_cast<int>(tensor.value) == rest.feature_values()[i];
        const auto* scales = job.scales ? &job.scales->tensors[i] : nullptr;
        if (!expected ||
            !decoder_.decode(transport::bytes_of(job.parts[i]), tensor.codec, scales, feature)) {
            throw Error("its tensors are not those of the cut");
        }
    }
    Detections found = post_.run(rest.run(), post_of(*job.plan));
    for (Detection& detection : found) detection.box = geometry.to_picture(detection.box);
    return found;
}

Detections ServerHalf::look_at_jpeg(const FrameJob& job) {
    const auto bytes = transport::bytes_of(job.parts.front());
    const FrameHeader& header = job.header;
    const capture::JpegSize expected{header.picture_width, header.picture_height};
    if (capture::jpeg_size(bytes) != expected || capture::is_truncated_jpeg(bytes)) {
        throw Error("its JPEG is damaged or of another size");
    }
    const cv::Mat file(1, static_cast<int>(bytes.size()), CV_8UC1,
                       const_cast<std::uint8_t*>(bytes.data()));  // imdecode only reads them
    const cv::Mat picture = cv::imdecode(file, cv::IMREAD_COLOR | cv::IMREAD_IGNORE_ORIENTATION);
    if (picture.empty()) throw Error("its JPEG is damaged");
    const Shape input = geometry_of(header, model_->table.multiple_of()).input_shape();
    Detector& whole = wholes_.get(input, [&] {
        return Detector(model_, {.size = std::max(input.width, input.height),
                                 .threads = config_.threads,
                                 .max_shapes = 1});
    });
    return whole.run(picture, post_of(*job.plan));
}

}  // namespace caplamp::app
