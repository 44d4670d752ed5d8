// SPDX-License-Identifier: Apache-2.0
#include "evaluation/average_precision.hpp"

#include <algorithm>
#include <cassert>

namespace caplamp::evaluation {
namespace {

// The best precision at this hit or any later one, for every hit.
std::vector<double> envelope_of(const Curve& curve) {
    std::vector<double> envelope(curve.points.size());
    double best = 0;
    for (std::size_t i = curve.points.size(); i-- > 0;) {
        const Curve::Point& point = curve.points[i];
        best = std::max(best, point.hits / (point.hits + point.false_alarms));
        envelope[i] = best;
    }
    return envelope;
}

// The mean, over recalls 0, step, 2 step ..., of the envelope at the first hit that reaches the
// recall; 0 where none does. `i * step` and not `i / count`: numpy's linspace and arange round so,
// and a recall of exactly 0.7 then misses the point 0.7000000000000001, as it does there.
double mean_at_recalls(const Curve& curve, const std::vector<double>& envelope, int count,
                       double step) {
    double sum = 0;
    std::size_t hit = 0;
    for (int i = 0; i < count; ++i) {
        const double recall = i + 1 == count ? 1.0 : i * step;
        while (hit < envelope.size() && curve.points[hit].hits / curve.truths < recall) ++hit;
        if (hit == envelope.size()) break;
        sum += envelope[hit];
    }
    return sum / count;
}

double area_of_steps(const Curve& curve, const std::vector<double>& envelope) {
    double area = 0;
    double recall = 0;
    for (std::size_t i = 0; i < envelope.size(); ++i) {
        const double next = curve.points[i].hits / curve.truths;
        area += (next - recall) * envelope[i];
        recall = next;
    }
    return area;
}

// numpy.interp on a curve whose corners arrive from left to right, read at 101 recalls and summed
// by trapezoids. Where several corners share a recall, the last one counts, as in numpy.
class RampReader {
public:
    void corner(double recall, double precision) {
        while (next_ <= 100 && recall_of(next_) < recall) {
            const double slope = (precision - precision_) / (recall - recall_);
            take(precision_ + slope * (recall_of(next_) - recall_));
        }
        recall_ = recall;
        precision_ = precision;
    }
    double finish() {
        while (next_ <= 100) take(precision_);
        return sum_ / 100;
    }

private:
    static double recall_of(int i) { return i == 100 ? 1.0 : i * 0.01; }
    void take(double precision) {
        sum_ += next_ == 0 || next_ == 100 ? precision / 2 : precision;
        ++next_;
    }

    double recall_ = 0;
    double precision_ = 1;
    double sum_ = 0;
    int next_ = 0;
};

// Ultralytics' compute_ap draws straight lines between all detections under the envelope. Between
// two hits lie either no other detections (a slanted line) or some: those share the first hit's
// recall and, under the envelope, the second hit's precision (a step, then a level line).
double area_of_ramps(const Curve& curve, const std::vector<double>& envelope, bool ramp_to_one) {
    RampReader reader;
    double recall = 0;
    double false_alarms = 0;
    for (std::size_t i = 0; i < envelope.size(); ++i) {
        const Curve::Point& point = curve.points[i];
        if (point.false_alarms > false_alarms) reader.corner(recall, envelope[i]);
        // A picture drawn twice has this hit twice: the curve is level between the two.
        if (point.weight > 1)
            reader.corner((point.hits - point.weight + 1) / curve.truths, envelope[i]);
        recall = point.hits / curve.truths;
        false_alarms = point.false_alarms;
        reader.corner(recall, envelope[i]);
    }
    if (ramp_to_one) {
        const double hits = curve.points.back().hits;
        reader.corner(recall, hits / (hits + curve.false_alarms));
    } else {
        reader.corner(recall, 0);
    }
    reader.corner(1, 0);
    return reader.finish();
}

}  // namespace

Curve make_curve(const std::vector<bool>& hits, double truths) {
    Curve curve;
    curve.truths = truths;
    double count = 0;
    for (const bool hit : hits) {
        if (!hit) {
            curve.false_alarms += 1;
            continue;
        }
        count += 1;
        curve.points.push_back({.hits = count, .false_alarms = curve.false_alarms});
    }
    return curve;
}

double average_precision(const Curve& curve, Protocol protocol) {
    assert(curve.truths > 0);
    if (curve.points.empty()) return 0;
    const std::vector<double> envelope = envelope_of(curve);
    switch (protocol) {
        case Protocol::coco:
            return mean_at_recalls(curve, envelope, 101, 0.01);
        case Protocol::voc07:
            return mean_at_recalls(curve, envelope, 11, 0.1);
        case Protocol::voc12:
            return area_of_steps(curve, envelope);
        case Protocol::ultralytics_8_3:
            return area_of_ramps(curve, envelope, true);
        case Protocol::ultralytics_8_4:
            return area_of_ramps(curve, envelope, false);
    }
    return 0;
}

}  // namespace caplamp::evaluation
