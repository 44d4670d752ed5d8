// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "evaluation/protocol.hpp"

namespace caplamp::evaluation {

/// Precision against recall for one class, walked from the best score down. Only the hits are
/// kept: between two hits precision can but fall, so no protocol reads a point there. Counts are
/// real numbers because a bootstrap round counts pictures more than once, or not at all.
struct Curve {
    struct Point {
        double hits = 0;          // up to and with this one
        double false_alarms = 0;  // before this one
        double weight = 1;        // how many hits this point stands for
    };
    std::vector<Point> points;
    double false_alarms = 0;  // of all detections, those after the last hit too
    double truths = 0;        // that could have been hit
};

/// From detections in order of falling score: true is a hit, false a false alarm.
Curve make_curve(const std::vector<bool>& hits, double truths);

/// Average precision, 0..1. 0 when nothing was hit. `curve.truths` must be above 0: a class
/// without truth has no average precision, and the caller leaves it out.
double average_precision(const Curve& curve, Protocol protocol);

}  // namespace caplamp::evaluation
