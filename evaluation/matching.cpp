// SPDX-License-Identifier: Apache-2.0
#include "evaluation/matching.hpp"

#include <algorithm>
#include <numeric>

namespace caplamp::evaluation {
namespace {

constexpr std::size_t nothing = static_cast<std::size_t>(-1);

// In double: a float would move boxes across the threshold that the Python programs keep.
double shared_area(const Box& a, const Box& b) {
    const double w =
        std::min<double>(double{a.x} + a.width, double{b.x} + b.width) - std::max<double>(a.x, b.x);
    const double h = std::min<double>(double{a.y} + a.height, double{b.y} + b.height) -
                     std::max<double>(a.y, b.y);
    return w > 0 && h > 0 ? w * h : 0;
}

double area_of(const Box& box) { return double{box.width} * box.height; }

// A crowd box holds any number of finds: only the part outside it counts against one.
double overlap_of(const Box& detection, const Truth& truth) {
    const double shared = shared_area(detection, truth.box);
    if (shared <= 0) return 0;
    if (truth.crowd) return shared / area_of(detection);
    return shared / (area_of(detection) + area_of(truth.box) - shared);
}

bool is_ultralytics(Protocol protocol) {
    return protocol == Protocol::ultralytics_8_3 || protocol == Protocol::ultralytics_8_4;
}

}  // namespace

bool SizeRange::holds(const Box& box) const {
    if (measure == Measure::any) return true;
    const double size = measure == Measure::area ? area_of(box) : box.height;
    return size >= low && size <= high;
}

bool SizeRange::holds(const Truth& truth) const {
    if (measure == Measure::area && truth.area >= 0) return truth.area >= low && truth.area <= high;
    return holds(truth.box);
}

PictureMatch::PictureMatch(std::span<const Detection> detections, std::span<const Truth> truths,
                           Protocol protocol)
    : detections_(detections), protocol_(protocol) {
    for (Truth truth : truths) {
        // Ultralytics knows neither; its own converters leave such truths out.
        if (is_ultralytics(protocol) && (truth.difficult || truth.crowd)) continue;
        if (protocol != Protocol::coco && truth.crowd) {  // VOC's nearest thing to a crowd
            truth.crowd = false;
            truth.difficult = true;
        }
        truths_.push_back(truth);
    }
    overlaps_.reserve(detections.size() * truths_.size());
    nearest_.assign(detections.size(), nothing);
    for (std::size_t d = 0; d < detections.size(); ++d) {
        double best = 0;
        for (std::size_t t = 0; t < truths_.size(); ++t) {
            const double overlap = overlap_of(detections[d].box, truths_[t]);
            overlaps_.push_back(overlap);
            if (overlap > best) {
                best = overlap;
                nearest_[d] = t;
            }
        }
    }
}

double PictureMatch::overlap(std::size_t detection, std::size_t truth) const {
    return overlaps_[detection * truths_.size() + truth];
}

bool PictureMatch::ignores(const Truth& truth, const SizeRange& range) const {
    return truth.difficult || truth.crowd || !range.holds(truth);
}

int PictureMatch::countable(const SizeRange& range) const {
    return static_cast<int>(
        std::ranges::count_if(truths_, [&](const Truth& truth) { return !ignores(truth, range); }));
}

void PictureMatch::judge(double iou, const SizeRange& range, std::span<Verdict> verdicts) {
    ignored_.clear();
    for (const Truth& truth : truths_) ignored_.push_back(ignores(truth, range));
    taken_.assign(truths_.size(), false);
    for (std::size_t d = 0; d < detections_.size(); ++d)
        verdicts[d] = range.holds(detections_[d].box) ? Verdict::false_alarm : Verdict::ignored;
    if (protocol_ == Protocol::coco)
        match_as_coco(iou, verdicts);
    else
        match_nearest(iou, verdicts);
}

// cocoeval.py, evaluateImg: each detection takes the best truth still free, and one that counts
// before any that does not. On a tie the later truth wins.
void PictureMatch::match_as_coco(double iou, std::span<Verdict> verdicts) {
    order_.resize(truths_.size());
    std::iota(order_.begin(), order_.end(), std::size_t{0});
    std::ranges::stable_sort(order_, {}, [&](std::size_t t) { return ignored_[t]; });
    for (std::size_t d = 0; d < detections_.size(); ++d) {
        double best = std::min(iou, 1 - 1e-10);
        std::size_t match = nothing;
        for (const std::size_t t : order_) {
            if (taken_[t] && !truths_[t].crowd) continue;
            if (match != nothing && !ignored_[match] && ignored_[t]) break;
            if (overlap(d, t) < best) continue;
            best = overlap(d, t);
            match = t;
        }
        if (match == nothing) continue;
        taken_[match] = true;
        verdicts[d] = ignored_[match] ? Verdict::ignored : Verdict::hit;
    }
}

// voc_eval.py and Ultralytics' match_predictions (which sorts by IoU, yet keeps the best score): a
// detection looks at the truth it overlaps most and at no other; the best score on a truth hits it,
// every further one is a false alarm.
void PictureMatch::match_nearest(double iou, std::span<Verdict> verdicts) {
    for (std::size_t d = 0; d < detections_.size(); ++d) {
        const std::size_t t = nearest_[d];
        if (t == nothing) continue;
        const double found = overlap(d, t);
        if (is_ultralytics(protocol_) ? found < iou : found <= iou) continue;
        if (ignored_[t])
            verdicts[d] = Verdict::ignored;
        else if (!taken_[t])
            verdicts[d] = Verdict::hit;
        taken_[t] = true;
    }
}

}  // namespace caplamp::evaluation
