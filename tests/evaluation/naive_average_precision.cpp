// SPDX-License-Identifier: Apache-2.0
#include "naive_average_precision.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <tuple>

namespace caplamp::evaluation {
namespace {

using Array = std::vector<double>;

struct Record {
    double score;
    bool correct;
};

struct Records {
    std::vector<Record> all;
    double truths = 0;
};

Detections of_class(const PictureResult& picture, int class_id) {
    Detections kept;
    for (const Detection& d : picture.detections)
        if (d.class_id == class_id) kept.push_back(d);
    std::stable_sort(kept.begin(), kept.end(),
                     [](const Detection& a, const Detection& b) { return a.score > b.score; });
    return kept;
}

std::vector<Truth> truths_of(const PictureResult& picture, int class_id) {
    std::vector<Truth> kept;
    for (const Truth& t : picture.truths)
        if (t.class_id == class_id) kept.push_back(t);
    return kept;
}

double plain_iou(const Box& a, const Box& b) {
    const double left = std::max<double>(a.x, b.x);
    const double top = std::max<double>(a.y, b.y);
    const double right = std::min(double(a.x) + a.width, double(b.x) + b.width);
    const double bottom = std::min(double(a.y) + a.height, double(b.y) + b.height);
    if (right <= left || bottom <= top) return 0;
    const double shared = (right - left) * (bottom - top);
    return shared / (double(a.width) * a.height + double(b.width) * b.height - shared);
}

double crowd_iou(const Box& detection, const Box& crowd) {
    const double w =
        std::min(double(detection.x) + detection.width, double(crowd.x) + crowd.width) -
        std::max<double>(detection.x, crowd.x);
    const double h =
        std::min(double(detection.y) + detection.height, double(crowd.y) + crowd.height) -
        std::max<double>(detection.y, crowd.y);
    return w > 0 && h > 0 ? w * h / (double(detection.width) * detection.height) : 0;
}

// voc_eval.py's overlap, on the corners as VOC writes them: 1-based, both ends inside.
double voc_iou(const Box& a, const Box& b) {
    const auto corners = [](const Box& box) {
        return std::array<double, 4>{double(box.x) + 1, double(box.y) + 1,
                                     double(box.x) + box.width, double(box.y) + box.height};
    };
    const auto p = corners(a);
    const auto q = corners(b);
    const double w = std::max(std::min(p[2], q[2]) - std::max(p[0], q[0]) + 1, 0.0);
    const double h = std::max(std::min(p[3], q[3]) - std::max(p[1], q[1]) + 1, 0.0);
    const double area_p = (p[2] - p[0] + 1) * (p[3] - p[1] + 1);
    const double area_q = (q[2] - q[0] + 1) * (q[3] - q[1] + 1);
    return w * h / (area_p + area_q - w * h);
}

void record_coco(const PictureResult& picture, int class_id, double iou, double low, double high,
                 Records& records) {
    Detections found = of_class(picture, class_id);
    if (found.size() > 100) found.resize(100);
    std::vector<std::pair<Truth, bool>> truths;  // and whether it is ignored
    for (const bool ignored : {false, true})
        for (const Truth& t : truths_of(picture, class_id)) {
            const double area = t.area >= 0 ? double(t.area) : double(t.box.width) * t.box.height;
            const bool ignore = t.crowd || t.difficult || area < low || area > high;
            if (ignore == ignored) truths.emplace_back(t, ignore);
        }
    for (const auto& [t, ignore] : truths) records.truths += ignore ? 0 : 1;
    std::set<std::size_t> used;
    for (const Detection& d : found) {
        double best = std::min(iou, 1 - 1e-10);
        int chosen = -1;
        for (std::size_t g = 0; g < truths.size(); ++g) {
            const auto& [t, ignore] = truths[g];
            if (used.count(g) > 0 && !t.crowd) continue;
            if (chosen >= 0 && !truths[std::size_t(chosen)].second && ignore) break;
            const double overlap = t.crowd ? crowd_iou(d.box, t.box) : plain_iou(d.box, t.box);
            if (overlap < best) continue;
            best = overlap;
            chosen = int(g);
        }
        const double area = double(d.box.width) * d.box.height;
        if (chosen < 0) {
            if (area >= low && area <= high) records.all.push_back({d.score, false});
            continue;
        }
        used.insert(std::size_t(chosen));
        if (!truths[std::size_t(chosen)].second) records.all.push_back({d.score, true});
    }
}

void record_voc(const PictureResult& picture, int class_id, double iou, Records& records) {
    const std::vector<Truth> truths = truths_of(picture, class_id);
    std::set<std::size_t> detected;
    for (const Truth& t : truths) records.truths += t.difficult || t.crowd ? 0 : 1;
    for (const Detection& d : of_class(picture, class_id)) {
        double largest = -1;
        std::size_t where = 0;
        for (std::size_t g = 0; g < truths.size(); ++g)
            if (voc_iou(d.box, truths[g].box) > largest) {
                largest = voc_iou(d.box, truths[g].box);
                where = g;
            }
        if (largest <= iou)
            records.all.push_back({d.score, false});
        else if (!truths[where].difficult && !truths[where].crowd)
            records.all.push_back({d.score, detected.insert(where).second});
    }
}

void record_ultralytics(const PictureResult& picture, int class_id, double iou, Records& records) {
    PictureResult best = picture;
    std::stable_sort(best.detections.begin(), best.detections.end(),
                     [](const Detection& a, const Detection& b) { return a.score > b.score; });
    if (best.detections.size() > 300) best.detections.resize(300);
    const Detections found = of_class(best, class_id);
    std::vector<Truth> truths;
    for (const Truth& t : truths_of(picture, class_id))
        if (!t.difficult && !t.crowd) truths.push_back(t);
    records.truths += double(truths.size());
    std::vector<std::tuple<double, std::size_t, std::size_t>> pairs;  // overlap, truth, detection
    for (std::size_t g = 0; g < truths.size(); ++g)
        for (std::size_t d = 0; d < found.size(); ++d)
            if (plain_iou(found[d].box, truths[g].box) >= iou)
                pairs.emplace_back(plain_iou(found[d].box, truths[g].box), g, d);
    std::stable_sort(pairs.begin(), pairs.end(),
                     [](const auto& a, const auto& b) { return std::get<0>(a) > std::get<0>(b); });
    std::map<std::size_t, std::size_t> truth_of;  // np.unique keeps the first, sorts by detection
    for (const auto& [overlap, g, d] : pairs) truth_of.emplace(d, g);
    std::map<std::size_t, std::size_t> detection_of;
    for (const auto& [d, g] : truth_of) detection_of.emplace(g, d);
    std::set<std::size_t> correct;
    for (const auto& [g, d] : detection_of) correct.insert(d);
    for (std::size_t d = 0; d < found.size(); ++d)
        records.all.push_back({found[d].score, correct.count(d) > 0});
}

Array envelope(Array values) {
    for (std::size_t i = values.size(); i-- > 1;)
        values[i - 1] = std::max(values[i - 1], values[i]);
    return values;
}

double np_interp(double x, const Array& xs, const Array& ys) {
    std::size_t j = 0;
    for (std::size_t i = 0; i < xs.size(); ++i)
        if (xs[i] <= x) j = i;
    if (j + 1 == xs.size()) return ys[j];
    return (ys[j + 1] - ys[j]) / (xs[j + 1] - xs[j]) * (x - xs[j]) + ys[j];
}

double trapezoids(const Array& xs, const Array& ys) {
    double sum = 0;
    const auto linspace = [](int i) { return i == 100 ? 1.0 : i * (1.0 / 100); };
    for (int i = 0; i < 100; ++i)
        sum += (linspace(i + 1) - linspace(i)) *
               (np_interp(linspace(i), xs, ys) + np_interp(linspace(i + 1), xs, ys)) / 2;
    return sum;
}

Array joined(Array front, const Array& middle, const Array& back) {
    front.insert(front.end(), middle.begin(), middle.end());
    front.insert(front.end(), back.begin(), back.end());
    return front;
}

double area_of(const Array& recall, const Array& precision, Protocol protocol) {
    if (recall.empty()) return 0;
    double sum = 0;
    switch (protocol) {
        case Protocol::coco:
            for (int i = 0; i <= 100; ++i) {
                const double point = i == 100 ? 1.0 : i * 0.01;
                const auto at = std::lower_bound(recall.begin(), recall.end(), point);
                if (at != recall.end())
                    sum += envelope(precision)[std::size_t(at - recall.begin())];
            }
            return sum / 101;
        case Protocol::voc07:
            for (int i = 0; i <= 10; ++i) {
                double best = 0;
                for (std::size_t k = 0; k < recall.size(); ++k)
                    if (recall[k] >= i * 0.1) best = std::max(best, precision[k]);
                sum += best / 11;
            }
            return sum;
        case Protocol::voc12: {
            const Array xs = joined({0}, recall, {1});
            const Array ys = envelope(joined({0}, precision, {0}));
            for (std::size_t i = 0; i + 1 < xs.size(); ++i) sum += (xs[i + 1] - xs[i]) * ys[i + 1];
            return sum;
        }
        case Protocol::ultralytics_8_3:
            return trapezoids(joined({0}, recall, {1}), envelope(joined({1}, precision, {0})));
        case Protocol::ultralytics_8_4:
            return trapezoids(joined({0}, recall, {recall.back(), 1}),
                              envelope(joined({1}, precision, {0, 0})));
    }
    return 0;
}

}  // namespace

std::optional<double> naive_average_precision(const std::vector<PictureResult>& pictures,
                                              int class_id, Protocol protocol, double iou,
                                              double smallest_area, double largest_area) {
    Records records;
    for (const PictureResult& picture : pictures) {
        if (!picture.labels(class_id)) continue;
        if (protocol == Protocol::coco)
            record_coco(picture, class_id, iou, smallest_area, largest_area, records);
        else if (protocol == Protocol::voc07 || protocol == Protocol::voc12)
            record_voc(picture, class_id, iou, records);
        else
            record_ultralytics(picture, class_id, iou, records);
    }
    if (records.truths == 0) return std::nullopt;
    std::stable_sort(records.all.begin(), records.all.end(),
                     [](const Record& a, const Record& b) { return a.score > b.score; });
    Array recall;
    Array precision;
    double right = 0;
    for (std::size_t i = 0; i < records.all.size(); ++i) {
        right += records.all[i].correct ? 1 : 0;
        recall.push_back(right / records.truths);
        precision.push_back(right / double(i + 1));
    }
    return area_of(recall, precision, protocol);
}

}  // namespace caplamp::evaluation
