// SPDX-License-Identifier: Apache-2.0
#include "neck_head/nms.hpp"

#include <algorithm>

namespace caplamp::neck_head {

void keep_best(Detections& candidates, const NmsConfig& config) {
    std::ranges::stable_sort(candidates, std::ranges::greater{}, &Detection::score);
    if (candidates.size() > config.max_candidates) candidates.resize(config.max_candidates);
    std::size_t kept = 0;  // survivors stand in front, so no second list is needed
    for (std::size_t i = 0; i < candidates.size() && kept < config.max_boxes; ++i) {
        const Detection candidate = candidates[i];
        const auto survivors = candidates.begin() + static_cast<std::ptrdiff_t>(kept);
        const bool covered =
            std::any_of(candidates.begin(), survivors, [&](const Detection& better) {
                return better.class_id == candidate.class_id &&
                       iou(better.box, candidate.box) > config.iou;
            });
        if (!covered) candidates[kept++] = candidate;
    }
    candidates.resize(kept);
}

}  // namespace caplamp::neck_head
