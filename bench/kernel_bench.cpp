// SPDX-License-Identifier: Apache-2.0
// Every row of the convolution table on the shapes of the shipped network, at 640x640, one thread;
// each answer is compared with the reference before it is timed.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <random>

#include "nn/kernels/inside_layout.hpp"
#include "nn/kernels/kernel.hpp"
#include "nn/kernels/reference.hpp"
#include "nn/kernels/threads.hpp"

namespace caplamp::nn {
namespace {

using Floats = std::vector<float, CacheAlignedAllocator<float>>;

struct Case {
    const char* name;
    int inputs, outputs, kernel, stride, side;
};

// The heaviest shapes of each part, the side being that of the input.
constexpr std::array cases{
    Case{"picture_3to16_s2_640", 3, 16, 3, 2, 640},
    Case{"backbone_32to32_160", 32, 32, 3, 1, 160},
    Case{"backbone_64to64_80", 64, 64, 3, 1, 80},
    Case{"backbone_128to128_40", 128, 128, 3, 1, 40},
    Case{"backbone_256to256_20", 256, 256, 3, 1, 20},
    Case{"backbone_64to128_s2_80", 64, 128, 3, 2, 80},
    Case{"neck_320to128_1x1_80", 320, 128, 1, 1, 80},
    Case{"neck_768to512_1x1_20", 768, 512, 1, 1, 20},
    Case{"head_128to128_80", 128, 128, 3, 1, 80},
    Case{"head_512to128_20", 512, 128, 3, 1, 20},
};

Floats random_floats(std::size_t count) {
    std::mt19937 engine(1);
    std::uniform_real_distribution<float> between(-1, 1);
    Floats values(count);
    for (float& value : values) value = between(engine);
    return values;
}

ConvRequest request_of(const Case& c, Layout layout) {
    ConvRequest request;
    request.geometry = {.inputs = c.inputs,
                        .outputs = c.outputs,
                        .kernel = c.kernel,
                        .stride = c.stride,
                        .padding = c.kernel / 2,
                        .bias = true};
    request.input = {c.inputs, c.side, c.side};
    request.output = {c.outputs, c.side / c.stride, c.side / c.stride};
    request.input_layout = c.inputs == 3 ? Layout::plain : layout;
    request.output_layout = layout;
    request.activation = Activation::silu;
    return request;
}

/// A kernel with its operands.
struct Bench {
    Bench(const KernelRow<ConvRequest>& row, const ConvRequest& request, Floats source)
        : kernel(row.make(request)),
          input(std::move(source)),
          output(floats_of(request.output, request.output_layout)) {
        scratch.resize(kernel->scratch_bytes());
        const float* const inputs[] = {input.data()};
        kernel->bind({inputs, output.data(), scratch.data()});
        kernel->run();
    }

    std::unique_ptr<Kernel> kernel;
    Floats input;
    Floats output;
    std::vector<std::byte, CacheAlignedAllocator<std::byte>> scratch;
};

Floats reordered(const Floats& map, Shape shape, Layout from, Layout to) {
    const auto kernel = reference::make_reorder({shape, from, to, 1});
    Floats result(floats_of(shape, to));
    const float* const inputs[] = {map.data()};
    kernel->bind({inputs, result.data(), nullptr});
    kernel->run();
    return result;
}

bool agrees(const Bench& bench, const ConvRequest& request, const Floats& picture) {
    ConvRequest plain = request;
    plain.input_layout = plain.output_layout = Layout::plain;
    const Bench reference(kernel_table<ConvRequest>().back(), plain, picture);
    const Floats result =
        reordered(bench.output, request.output, request.output_layout, Layout::plain);
    float magnitude = 0;
    float difference = 0;
    for (std::size_t i = 0; i < result.size(); ++i) {
        magnitude = std::max(magnitude, std::abs(reference.output[i]));
        difference = std::max(difference, std::abs(result[i] - reference.output[i]));
    }
    return difference <= 1e-4F * magnitude;
}

std::size_t taps_of(const Case& c) {
    return static_cast<std::size_t>(c.inputs) * static_cast<std::size_t>(c.kernel) *
           static_cast<std::size_t>(c.kernel);
}

/// On this machine, for this shape.
bool can_do(const KernelRow<ConvRequest>& row, const Case& c) {
    ConvRequest request = request_of(c, inside_layout(row.name));
    const Floats weights(taps_of(c) * static_cast<std::size_t>(c.outputs));
    request.weights = weights;
    return row.make(request) != nullptr;
}

void run_conv(benchmark::State& state, const KernelRow<ConvRequest>& row, const Case& c) {
    const ThreadCount threads(1);
    ConvRequest request = request_of(c, inside_layout(row.name));
    const std::size_t taps = taps_of(c);
    const Floats weights = random_floats(taps * static_cast<std::size_t>(c.outputs));
    const Floats bias = random_floats(static_cast<std::size_t>(c.outputs));
    request.weights = weights;
    request.bias = bias;
    const Floats picture = random_floats(request.input.size());
    const Bench bench(row, request,
                      reordered(picture, request.input, Layout::plain, request.input_layout));
    if (!agrees(bench, request, picture)) return state.SkipWithError("the answer is wrong");
    for (auto _ : state) bench.kernel->run();
    const double flop =
        2.0 * static_cast<double>(taps) * static_cast<double>(request.output.size());
    state.counters["GFLOP/s"] =
        benchmark::Counter(flop / 1e9, benchmark::Counter::kIsIterationInvariantRate);
}

}  // namespace
}  // namespace caplamp::nn

int main(int argc, char** argv) {
    using namespace caplamp::nn;
    benchmark::Initialize(&argc, argv);
    for (const KernelRow<ConvRequest>& row : kernel_table<ConvRequest>()) {
        for (const Case& c : cases) {
            if (!can_do(row, c)) continue;
            const std::string name = "conv/" + std::string(row.name) + "/" + c.name;
            benchmark::RegisterBenchmark(name.c_str(), [&row, &c](benchmark::State& state) {
                run_conv(state, row, c);
            })->Unit(benchmark::kMillisecond);
        }
    }
    benchmark::RunSpecifiedBenchmarks();
    return 0;
}
