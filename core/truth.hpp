// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/detection.hpp"

namespace caplamp {

/// One thing that a person marked in a picture. `class_id` counts into the set's class names.
struct Truth {
    int class_id = 0;
    Box box;
    bool difficult =
        false;           // VOC's word, COCO's `ignore`: finding it is no merit, missing it no fault
    bool crowd = false;  // COCO's `iscrowd`: many things in one box, any number of finds inside
    float area = -1;     // as the set states it (COCO's mask); below 0: that of the box
    bool operator==(const Truth&) const = default;
};

}  // namespace caplamp
