// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <opencv2/core.hpp>
#include <vector>

namespace caplamp::capture {

/// Pictures whose memory goes round: one that no frame holds any more is handed out again, so a
/// running video allocates nothing. One thread takes; any thread may let go.
class FramePool {
public:
    /// A picture of that size with undefined pixels. The pool keeps a second reference to it.
    cv::Mat take(cv::Size size) {
        for (cv::Mat& picture : pictures_) {
            // Acquire, so that the last holder's reads happen before our writes.
            const std::atomic_ref<int> holders(picture.u->refcount);
            if (holders.load(std::memory_order_acquire) != 1) continue;
            picture.create(size, CV_8UC3);
            return picture;
        }
        return pictures_.emplace_back(size, CV_8UC3);
    }

private:
    std::vector<cv::Mat> pictures_;  // as many as were ever in flight at once
};

}  // namespace caplamp::capture
