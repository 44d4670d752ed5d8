// SPDX-License-Identifier: Apache-2.0
// What training pictures cost: painted by loops (the CPU's way) and by tensor operations (CUDA's),
// one thread. The network beside it takes about 100 ms per 320-pixel picture.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <numeric>
#include <random>

#include "training/augmentation.hpp"
#include "training/jpeg.hpp"
#include "training/render.hpp"
#include "training/tensor_renderer.hpp"

namespace caplamp::training {
namespace {

constexpr int pictures = 32;

// Smooth noise, 640 x 427, decoded once for all benches.
struct Material {
    Material() {
        torch::set_num_threads(1);
        std::filesystem::create_directories(folder);
        std::mt19937 random(1);
        DataSet set{.name = "noise",
                    .samples = {},
                    .labelled = {true, true, true},
                    .box_weight = {1, 1, 1},
                    .weight = 1};
        for (int i = 0; i < pictures; ++i) {
            RgbPicture picture{427, 640, std::vector<std::uint8_t>(427 * 640 * 3)};
            int level = 128;
            for (std::uint8_t& pixel : picture.pixels) {
                level = std::clamp(level + static_cast<int>(random() % 7) - 3, 0, 255);
                pixel = static_cast<std::uint8_t>(level);
            }
            const auto file = folder / (std::to_string(i) + ".jpg");
            write_jpeg(file, picture, 90);
            set.samples.push_back({file, {{i % 3, 0.4F, 0.5F, 0.2F, 0.3F}}});
        }
        sets.push_back(set);
        cache = std::make_unique<PictureCache>(pictures_of(sets),
                                               PictureCacheConfig{.longest_side = 416});
    }
    ~Material() { std::filesystem::remove_all(folder); }

    std::vector<PicturePlan> plans(int size, bool mosaic) const {
        const PicturePlanner planner(sets, *cache, size);
        std::vector<std::uint32_t> epoch(pictures);
        std::iota(epoch.begin(), epoch.end(), 0U);
        std::vector<PicturePlan> result;
        for (std::uint32_t i = 0; i < pictures; ++i)
            result.push_back(planner.augmented(
                {}, {.step = 0, .index = i, .picture = i, .epoch = epoch, .mosaic = mosaic}));
        return result;
    }

    std::filesystem::path folder =
        std::filesystem::temp_directory_path() / "caplamp-augmentation-bench";
    std::vector<DataSet> sets;
    std::unique_ptr<PictureCache> cache;
};

const Material& material() {
    static const Material made;
    return made;
}

void paint_by_loops(benchmark::State& state) {
    const int size = static_cast<int>(state.range(0));
    const std::vector<PicturePlan> plans = material().plans(size, state.range(1) != 0);
    std::vector<float> planar(static_cast<std::size_t>(3 * size * size));
    std::size_t next = 0;
    for (auto _ : state) {
        render(plans[next++ % plans.size()], *material().cache, size, planar.data());
        benchmark::DoNotOptimize(planar.data());
    }
    state.SetItemsProcessed(state.iterations());
}

void paint_by_tensors(benchmark::State& state) {
    const int size = static_cast<int>(state.range(0));
    const std::vector<PicturePlan> plans = material().plans(size, state.range(1) != 0);
    const TensorRenderer renderer(*material().cache, size, torch::kCPU);
    torch::Tensor loops = torch::empty({3, size, size});
    render(plans[0], *material().cache, size, loops.data_ptr<float>());
    const torch::Tensor tensors = renderer.render(std::span(plans).first(1))[0];
    if (((tensors - loops).abs() > 2e-3).sum().item<int64_t>() > loops.numel() / 1000)
        return state.SkipWithError("both ways must paint the same picture");
    for (auto _ : state) benchmark::DoNotOptimize(renderer.render(std::span(plans).first(8)));
    state.SetItemsProcessed(state.iterations() * 8);
}

void decode_and_shrink(benchmark::State& state) {
    const auto side = static_cast<int>(state.range(0));
    const std::vector<std::filesystem::path> files = pictures_of(material().sets);
    for (auto _ : state)
        benchmark::DoNotOptimize(PictureCache(files, {.longest_side = side, .threads = 1}).size());
    state.SetItemsProcessed(state.iterations() * pictures);
}

BENCHMARK(paint_by_loops)
    ->ArgNames({"size", "mosaic"})
    ->Args({320, 0})
    ->Args({320, 1})
    ->Args({640, 1})
    ->Unit(benchmark::kMillisecond);
BENCHMARK(paint_by_tensors)
    ->ArgNames({"size", "mosaic"})
    ->Args({320, 1})
    ->Unit(benchmark::kMillisecond);
// The cache decodes on a thread of its own, which the calling thread's CPU time leaves out.
BENCHMARK(decode_and_shrink)
    ->ArgNames({"side"})
    ->Arg(416)
    ->Arg(640)
    ->MeasureProcessCPUTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace caplamp::training

BENCHMARK_MAIN();
