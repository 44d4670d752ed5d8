// SPDX-License-Identifier: Apache-2.0
#include "nn/kernels/choose.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <limits>
#include <map>
#include <mutex>

namespace caplamp::nn {
namespace {

/// Everything that a convolution's speed depends on.
using Key = std::array<int, 14>;

Key key_of(const ConvRequest& r) {
    const ConvGeometry& g = r.geometry;
    return {g.inputs,
            g.outputs,
            g.kernel,
            g.stride,
            g.padding,
            g.groups,
            r.input.height,
            r.input.width,
            static_cast<int>(r.input_layout),
            r.threads,
            r.bias.empty(),
            static_cast<int>(r.output_layout),
            r.accumulate,
            static_cast<int>(r.activation)};
}

using Floats = std::vector<float, CacheAlignedAllocator<float>>;

/// The best of a few runs, since what disturbs a run only ever makes it slower.
double seconds_of(Kernel& kernel, const Floats& input, Floats& output) {
    constexpr int runs = 6;
    std::vector<std::byte, CacheAlignedAllocator<std::byte>> scratch(kernel.scratch_bytes());
    const float* const inputs[] = {input.data()};
    kernel.bind({inputs, output.data(), scratch.data()});
    double best = std::numeric_limits<double>::infinity();
    for (int i = 0; i < runs; ++i) {
        const auto start = std::chrono::steady_clock::now();
        kernel.run();
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
        best = std::min(best, took.count());
    }
    return best;
}

std::string_view fastest(std::vector<ChosenKernel>& rivals, const ConvRequest& request) {
    const Floats input(floats_of(request.input, request.input_layout), 0.25F);
    Floats output(floats_of(request.output, request.output_layout));
    double best = std::numeric_limits<double>::infinity();
    std::string_view winner;
    for (ChosenKernel& rival : rivals) {
        const double seconds = seconds_of(*rival.kernel, input, output);
        if (seconds < best) {
            best = seconds;
            winner = rival.row;
        }
    }
    return winner;
}

/// What the trials of this process found. Shared by all threads: two executables compiled side by
/// side must agree, or a cut network would not give the bits of the whole one.
class Trials {
public:
    std::string_view winner(std::vector<ChosenKernel>& rivals, const ConvRequest& request) {
        const std::lock_guard lock(mutex_);
        auto [found, is_new] = winners_.try_emplace(key_of(request));
        if (is_new) found->second = fastest(rivals, request);
        return found->second;
    }

private:
    std::mutex mutex_;
    std::map<Key, std::string_view> winners_;
};

}  // namespace

ChosenKernel choose_conv(const ConvRequest& request, std::string_view forced) {
    static Trials trials;
    if (!forced.empty()) return first_kernel(request, forced);
    std::vector<ChosenKernel> rivals;
    for (const KernelRow<ConvRequest>& row : kernel_table<ConvRequest>()) {
        if (!row.on_trial) continue;
        if (auto kernel = row.make(request)) rivals.push_back({row.name, std::move(kernel)});
    }
    if (rivals.empty()) return first_kernel(request, forced);
    if (rivals.size() == 1) return std::move(rivals[0]);
    const std::string_view winner = trials.winner(rivals, request);
    return std::move(*std::ranges::find(rivals, winner, &ChosenKernel::row));
}

}  // namespace caplamp::nn
