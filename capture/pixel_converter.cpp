// SPDX-License-Identifier: Apache-2.0
#include "capture/pixel_converter.hpp"

#include <array>
#include <cassert>

#include "core/error.hpp"

namespace caplamp::capture {
namespace {

/// The full-range twins of the YUV formats are deprecated names; swscale wants the plain format
/// and the range told apart.
AVPixelFormat plain_format(int format) {
    switch (format) {
        case AV_PIX_FMT_YUVJ420P:
            return AV_PIX_FMT_YUV420P;
        case AV_PIX_FMT_YUVJ422P:
            return AV_PIX_FMT_YUV422P;
        case AV_PIX_FMT_YUVJ444P:
            return AV_PIX_FMT_YUV444P;
        case AV_PIX_FMT_YUVJ440P:
            return AV_PIX_FMT_YUV440P;
        default:
            return static_cast<AVPixelFormat>(format);
    }
}

/// Who does not say gets what players assume: BT.709 for high definition, else BT.601.
int matrix_of(const AVFrame& frame) {
    if (frame.colorspace == AVCOL_SPC_BT709) return SWS_CS_ITU709;
    if (frame.colorspace == AVCOL_SPC_UNSPECIFIED && frame.height >= 720) return SWS_CS_ITU709;
    if (frame.colorspace == AVCOL_SPC_BT2020_NCL) return SWS_CS_BT2020;
    return SWS_CS_ITU601;
}

bool is_full_range(const AVFrame& frame) {
    return frame.color_range == AVCOL_RANGE_JPEG ||
           plain_format(frame.format) != static_cast<AVPixelFormat>(frame.format);
}

}  // namespace

void PixelConverter::prepare(const AVFrame& frame) {
    const bool same = scaler_ && width_ == frame.width && height_ == frame.height &&
                      format_ == frame.format && colorspace_ == frame.colorspace &&
                      range_ == frame.color_range;
    if (same) return;
    scaler_.reset(sws_getContext(frame.width, frame.height, plain_format(frame.format), frame.width,
                                 frame.height, AV_PIX_FMT_BGR24, SWS_BILINEAR, nullptr, nullptr,
                                 nullptr));
    if (!scaler_) throw Error("the video's pixel format cannot be converted to BGR");
    constexpr int unchanged = 1 << 16;  // contrast and saturation, 16.16 fixed point
    sws_setColorspaceDetails(scaler_.get(), sws_getCoefficients(matrix_of(frame)),
                             is_full_range(frame) ? 1 : 0, sws_getCoefficients(SWS_CS_DEFAULT), 1,
                             0, unchanged, unchanged);
    width_ = frame.width;
    height_ = frame.height;
    format_ = frame.format;
    colorspace_ = frame.colorspace;
    range_ = frame.color_range;
}

void PixelConverter::convert(const AVFrame& frame, cv::Mat& into) {
    assert(into.type() == CV_8UC3 && into.cols == frame.width && into.rows == frame.height);
    prepare(frame);
    const std::array<std::uint8_t*, 4> planes{into.data, nullptr, nullptr, nullptr};
    const std::array<int, 4> steps{static_cast<int>(into.step[0]), 0, 0, 0};
    sws_scale(scaler_.get(), frame.data, frame.linesize, 0, frame.height, planes.data(),
              steps.data());
}

}  // namespace caplamp::capture
