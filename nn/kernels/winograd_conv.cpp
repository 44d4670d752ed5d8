// SPDX-License-Identifier: Apache-2.0
#include "nn/kernels/winograd_conv.hpp"

#include <algorithm>
#include <array>
#include <span>

#include "nn/kernels/threads.hpp"
#include "nn/kernels/winograd_avx2.hpp"

namespace caplamp::nn::winograd {
namespace {

using winograd_avx2::Finish;
using winograd_avx2::Job;
using winograd_avx2::panel;
using winograd_avx2::positions;
using winograd_avx2::tile;

using Floats = std::vector<float, CacheAlignedAllocator<float>>;

/// G of F(4x4, 3x3), by rows.
constexpr double transform[6][3] = {{1.0 / 4, 0, 0},
                                    {-1.0 / 6, -1.0 / 6, -1.0 / 6},
                                    {-1.0 / 6, 1.0 / 6, -1.0 / 6},
                                    {1.0 / 24, 1.0 / 12, 1.0 / 6},
                                    {1.0 / 24, -1.0 / 12, 1.0 / 6},
                                    {0, 0, 1}};

/// G g G' of nine taps; in double, since it is done once and its rounding would stay.
void transform_taps(const float* taps, std::span<double, positions> result) {
    for (std::size_t row = 0; row < 6; ++row) {
        double half[3];
        for (std::size_t x = 0; x < 3; ++x) {
            half[x] = transform[row][0] * taps[x] + transform[row][1] * taps[3 + x] +
                      transform[row][2] * taps[6 + x];
        }
        for (std::size_t column = 0; column < 6; ++column) {
            result[6 * row + column] = transform[column][0] * half[0] +
                                       transform[column][1] * half[1] +
                                       transform[column][2] * half[2];
        }
    }
}

Floats packed(const ConvRequest& request, const Job& job) {
    const ConvGeometry& g = request.geometry;
    const std::ptrdiff_t position_step =
        static_cast<std::ptrdiff_t>(job.panels) * job.inputs * panel;
    Floats result(static_cast<std::size_t>(positions * position_step));
    const float* taps = request.weights.data();
    for (int o = 0; o < g.outputs; ++o) {
        for (int c = 0; c < g.inputs; ++c, taps += 9) {
            std::array<double, positions> numbers;
            transform_taps(taps, numbers);
            const std::ptrdiff_t row = static_cast<std::ptrdiff_t>(o / panel) * job.inputs + c;
            float* const to = result.data() + row * panel + o % panel;
            for (std::size_t i = 0; i < numbers.size(); ++i) {
                to[static_cast<std::ptrdiff_t>(i) * position_step] = static_cast<float>(numbers[i]);
            }
        }
    }
    return result;
}

Job job_of(const ConvRequest& request) {
    Job job;
    job.inputs = padded_channels(request.input.channels, Layout::blocked_8);
    job.outputs = padded_channels(request.output.channels, Layout::blocked_8);
    job.input_height = request.input.height;
    job.input_width = request.input.width;
    job.height = request.output.height;
    job.width = request.output.width;
    job.tiles_across = (job.width + tile - 1) / tile;
    job.tiles = job.tiles_across * ((job.height + tile - 1) / tile);
    job.panels = (job.outputs + panel - 1) / panel;
    job.padding = request.geometry.padding;
    job.accumulate = request.accumulate;
    job.finish = request.activation == Activation::relu   ? Finish::relu
                 : request.activation == Activation::silu ? Finish::silu
                                                          : Finish::none;
    return job;
}

class WinogradConv : public Kernel {
public:
    explicit WinogradConv(const ConvRequest& request)
        : job_(job_of(request)),
          threads_(request.threads),
          weights_(packed(request, job_)),
          bias_(static_cast<std::size_t>(job_.panels * panel)) {
        std::ranges::copy(request.bias, bias_.begin());
        job_.weights = weights_.data();
        job_.bias = bias_.data();
    }

    std::size_t weight_bytes() const override {
        return (weights_.size() + bias_.size()) * sizeof(float);
    }
    std::size_t scratch_bytes() const override {
        return scratch_of_one() * static_cast<std::size_t>(threads_) * sizeof(float);
    }
    void bind(const Operands& operands) override {
        job_.input = operands.inputs[0];
        job_.output = operands.output;
        scratch_ = reinterpret_cast<float*>(operands.scratch);
    }

    void run() override {
        run_in_parallel(threads_, [this](int thread) { run_share(thread); });
    }

private:
    std::size_t scratch_of_one() const {
        constexpr std::size_t line = 16;
        return (winograd_avx2::scratch_floats(job_) + line - 1) / line * line;
    }

    /// Whole blocks of tiles, so that no number depends on how many threads there are.
    void run_share(int thread) const {
        const int block = winograd_avx2::tiles_at_once(job_);
        float* const scratch = scratch_ + scratch_of_one() * static_cast<std::size_t>(thread);
        for (int first = thread * block; first < job_.tiles; first += threads_ * block) {
            winograd_avx2::run_block(job_, first, std::min(block, job_.tiles - first), scratch);
        }
    }

    Job job_;
    int threads_;
    Floats weights_;
    Floats bias_;
    float* scratch_ = nullptr;
};

/// Tiles that hang over the edge compute pixels that nobody wants.
bool is_worth_it(const Shape& output) {
    const auto up = [](int side) { return (side + 3) / 4 * 4; };
    return 5 * output.height * output.width >= 2 * up(output.height) * up(output.width);
}

}  // namespace

std::unique_ptr<Kernel> make_conv(const ConvRequest& request) {
    const ConvGeometry& g = request.geometry;
    const bool blocked =
        request.input_layout == Layout::blocked_8 && request.output_layout == Layout::blocked_8;
    if (!blocked || g.kernel != 3 || g.stride != 1 || g.groups != 1) return {};
    if (!is_worth_it(request.output) || !winograd_avx2::supported()) return {};
    return std::make_unique<WinogradConv>(request);
}

}  // namespace caplamp::nn::winograd
