// SPDX-License-Identifier: Apache-2.0
// Average precision with its interval on a set of CMODD's size: 12,000 pictures, 300 detections in
// each, 1,000 bootstrap rounds.
#include <benchmark/benchmark.h>

#include <cmath>
#include <random>

#include "evaluation/evaluate.hpp"

namespace caplamp::evaluation {
namespace {

const std::vector<std::string> names{"helmet", "head", "person"};

// Five things a picture, four of them found among noise.
std::vector<PictureResult> scene(int pictures, int detections) {
    std::mt19937 random(1);
    std::uniform_real_distribution<float> share(0, 1);
    std::vector<PictureResult> results(static_cast<std::size_t>(pictures));
    for (PictureResult& picture : results) {
        for (int i = 0; i < 5; ++i) {
            const Box box{600 * share(random), 360 * share(random), 8 + 60 * share(random),
                          8 + 60 * share(random)};
            picture.truths.push_back({.class_id = i % 3, .box = box});
            if (i < 4)
                picture.detections.push_back(
                    {.class_id = i % 3, .score = 0.3F + 0.7F * share(random), .box = box});
        }
        while (static_cast<int>(picture.detections.size()) < detections)
            picture.detections.push_back(
                {.class_id = static_cast<int>(random() % 3),
                 .score = 0.5F * share(random),
                 .box = {600 * share(random), 360 * share(random), 20, 20}});
    }
    return results;
}

void score_set(benchmark::State& state) {
    const std::vector<PictureResult> pictures = scene(12000, static_cast<int>(state.range(0)));
    EvaluationConfig config;
    config.protocol = static_cast<Protocol>(state.range(1));
    config.bootstrap_rounds = static_cast<int>(state.range(2));
    for (auto _ : state) {
        const EvaluationResult result = evaluate(pictures, names, config);
        if (!result.map || !(std::abs(*result.map - 0.75) < 0.2))
            return state.SkipWithError("the answer is wrong");
    }
    state.SetLabel(std::string(name_of(config.protocol)));
}

BENCHMARK(score_set)
    ->ArgNames({"detections", "protocol", "rounds"})
    ->Args({30, 0, 1000})
    ->Args({300, 0, 0})
    ->Args({300, 0, 1000})
    ->Args({300, 1, 1000})
    ->Args({300, 4, 1000})
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace caplamp::evaluation

BENCHMARK_MAIN();
