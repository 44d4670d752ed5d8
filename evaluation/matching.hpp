// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/detection.hpp"
#include "core/truth.hpp"
#include "evaluation/protocol.hpp"

namespace caplamp::evaluation {

enum class Verdict : std::uint8_t { hit, false_alarm, ignored };

/// Which things count, by their size in source pixels. Both ends belong to the range, as in
/// cocoeval, so a thing on a border counts in both ranges.
struct SizeRange {
    enum class Measure { any, area, height };
    Measure measure = Measure::any;
    double low = 0;
    double high = 0;

    bool holds(const Box& box) const;
    bool holds(const Truth& truth) const;  // by its stated area when it has one
};

/// The detections and truths of one class in one picture, with their overlaps worked out once for
/// all IoU thresholds and size ranges. Detections must be in order of falling score. The spans
/// must outlive the match.
class PictureMatch {
public:
    PictureMatch(std::span<const Detection> detections, std::span<const Truth> truths,
                 Protocol protocol);

    /// How many truths could be hit: not ignored by the protocol, and in the range.
    int countable(const SizeRange& range) const;
    /// Writes one verdict for each detection. A detection on an ignored truth is ignored, and so
    /// is an unmatched one out of the range.
    void judge(double iou, const SizeRange& range, std::span<Verdict> verdicts);

private:
    double overlap(std::size_t detection, std::size_t truth) const;
    bool ignores(const Truth& truth, const SizeRange& range) const;
    void match_as_coco(double iou, std::span<Verdict> verdicts);
    void match_nearest(double iou, std::span<Verdict> verdicts);

    std::span<const Detection> detections_;
    std::vector<Truth> truths_;
    Protocol protocol_;
    std::vector<double> overlaps_;      // detection by truth
    std::vector<std::size_t> nearest_;  // of each detection: the truth with the largest overlap
    std::vector<std::size_t> order_;    // truths, those that count first
    std::vector<char> ignored_;
    std::vector<char> taken_;
};

}  // namespace caplamp::evaluation
