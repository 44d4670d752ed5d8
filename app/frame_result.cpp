// SPDX-License-Identifier: Apache-2.0
#include "app/frame_result.hpp"

namespace caplamp::app {

FrameResult result_of(const Frame& frame) {
    return {.camera = frame.camera,
            .sequence = frame.sequence,
            .media_time = frame.media_time,
            .image = frame.image};
}

FrameResult result_of(const capture::LostFrame& lost) {
    return {.camera = lost.camera,
            .sequence = lost.sequence,
            .media_time = lost.media_time,
            .status = FrameStatus::unknown,
            .reason = lost.why};
}

}  // namespace caplamp::app
