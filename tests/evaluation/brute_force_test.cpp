// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "evaluation/evaluate.hpp"
#include "naive_average_precision.hpp"

namespace caplamp::evaluation {
namespace {

constexpr int class_count = 3;
const std::vector<std::string> names{"helmet", "head", "person"};

// Small pictures full of overlapping boxes. On whole pixels and with few different scores, ties
// are everywhere; off them, every overlap is its own.
class Scenes {
public:
    explicit Scenes(std::uint64_t seed) : random_(seed) {}

    std::vector<PictureResult> draw(bool whole_pixels, bool with_ignored) {
        whole_pixels_ = whole_pixels;
        std::vector<PictureResult> pictures(std::size_t(below(6)));
        for (PictureResult& picture : pictures) {
            for (int i = below(7); i > 0; --i) {
                Truth truth{.class_id = below(class_count), .box = box()};
                truth.difficult = with_ignored && below(5) == 0;
                truth.crowd = with_ignored && below(5) == 0;
                if (with_ignored && below(4) == 0) truth.area = float(below(3000));
                picture.truths.push_back(truth);
            }
            for (int i = below(12); i > 0; --i) picture.detections.push_back(detection(picture));
            if (below(4) == 0)
                for (int c = 0; c < class_count; ++c) picture.labelled.push_back(below(2) == 0);
        }
        return pictures;
    }

private:
    int below(int limit) { return int(random_() % std::uint64_t(limit)); }
    float coordinate(int limit) {
        const float whole = float(below(limit));
        return whole_pixels_ ? whole : whole + float(below(1000)) / 1000;
    }
    Box box() { return {coordinate(40), coordinate(40), 1 + coordinate(60), 1 + coordinate(60)}; }
    Detection detection(const PictureResult& picture) {
        Detection found{.class_id = below(class_count),
                        .score = whole_pixels_ ? float(below(5)) / 5 : float(below(10000)) / 10000,
                        .box = box()};
        if (picture.truths.empty() || below(3) == 0) return found;
        const Truth& truth = picture.truths[random_() % picture.truths.size()];
        found.class_id = truth.class_id;
        found.box = truth.box;
        found.box.x += coordinate(4);
        found.box.width += coordinate(6);
        return found;
    }

    std::mt19937_64 random_;
    bool whole_pixels_ = false;
};

void expect_same(const std::optional<double>& ap, const std::optional<double>& naive) {
    ASSERT_EQ(ap.has_value(), naive.has_value());
    if (!ap) return;
    EXPECT_TRUE(std::abs(*ap - *naive) <= 1e-9) << *ap << " and " << *naive;
}

class BruteForce : public ::testing::TestWithParam<Protocol> {};

TEST_P(BruteForce, AgreesOnRandomScenes) {
    int scored = 0;
    for (std::uint64_t seed = 0; seed < 400; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        const std::vector<PictureResult> pictures = Scenes(seed).draw(seed % 2 == 0, seed % 3 == 0);
        EvaluationConfig config{.protocol = GetParam(), .bootstrap_rounds = 0};
        config.match_iou = seed % 5 == 0 ? 0.75 : 0.5;
        const EvaluationResult result = evaluate(pictures, names, config);
        for (const ClassResult& one : result.classes) {
            const int id = int(std::find(names.begin(), names.end(), one.name) - names.begin());
            expect_same(one.ap,
                        naive_average_precision(pictures, id, GetParam(), config.match_iou));
            scored += one.ap.has_value();
        }
    }
    EXPECT_GT(scored, 500);
}

std::string test_name(const ::testing::TestParamInfo<Protocol>& info) {
    std::string name(name_of(info.param));
    for (char& c : name)
        if (c == '-' || c == '.') c = '_';
    return name;
}

INSTANTIATE_TEST_SUITE_P(Protocols, BruteForce, ::testing::ValuesIn(all_protocols), test_name);

TEST(BruteForceBySize, AgreesOnRandomScenes) {
    const double ends[] = {0, 32 * 32, 96 * 96, 1e10};
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        const std::vector<PictureResult> pictures = Scenes(seed).draw(seed % 2 == 0, true);
        const EvaluationResult result = evaluate(pictures, names, {.bootstrap_rounds = 0});
        for (const ClassResult& one : result.classes) {
            const int id = int(std::find(names.begin(), names.end(), one.name) - names.begin());
            for (std::size_t i = 0; i < 3; ++i)
                expect_same(one.by_size[i].ap, naive_average_precision(pictures, id, Protocol::coco,
                                                                       0.5, ends[i], ends[i + 1]));
        }
    }
}

}  // namespace
}  // namespace caplamp::evaluation
