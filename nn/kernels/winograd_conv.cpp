// SPDX-License-Identifier: Apache-2.0
#include "nn/kernels/winograd_conv.hpp"

#include <algorithm>

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

/// One number of G g G'; in double, since it is done once and its rounding would stay.
double transformed(const float* taps, int row, int column) {
    double sum = 0;
    for (int y = 0; y < 3; ++y) {
        for (int x = 0; x < 3; ++x) {
            sum += transform[row][y] * static_cast<double>(taps[3 * y + x]) * transform[column][x];
        }
    }
    return sum;
}

Floats packed(const ConvRequest& request, const Job& job) {
    const ConvGeometry& g = request.geometry;
    Floats result(static_cast<std::size_t>(positions * job.panels * job.inputs * panel));
    for (int o = 0; o < g.outputs; ++o) {
        for (int c = 0; c < g.inputs; ++c) {
            const float* taps =
                request.weights.data() + (static_cast<std::ptrdiff_t>(o) * g.inputs + c) * 9;
            for (int i = 0; i < positions; ++i) {
                const int row = (i * job.panels + o / panel) * job.inputs + c;
                result[static_cast<std::size_t>(row) * panel +
                       static_cast<std::size_t>(o % panel)] =
                    static_cast<float>(transformed(taps, i / 6, i % 6));
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
