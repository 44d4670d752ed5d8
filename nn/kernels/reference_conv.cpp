// SPDX-License-Identifier: Apache-2.0
#include <Eigen/Core>
#include <algorithm>
#include <cmath>

#include "nn/kernels/reference.hpp"

namespace caplamp::nn::reference {
namespace {

using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using Rows = Eigen::Map<Matrix, Eigen::Unaligned, Eigen::OuterStride<>>;
using ConstRows = Eigen::Map<const Matrix, Eigen::Unaligned, Eigen::OuterStride<>>;

// Eigen packs the factors of a product on the stack as long as they take at most 128 KB each:
// 512 x 64 floats are that, so a run allocates nothing.
constexpr int tile_pixels = 64;
constexpr int tile_outputs = 64;
constexpr int tile_depth = 512;

/// Convolution as a matrix product over im2col columns, a tile of pixels at a time.
class ReferenceConv : public Kernel {
public:
    explicit ReferenceConv(const ConvRequest& request)
        : request_(request),
          weights_(request.weights.begin(), request.weights.end()),
          bias_(request.bias.begin(), request.bias.end()) {}

    std::size_t weight_bytes() const override {
        return (weights_.size() + bias_.size()) * sizeof(float);
    }
    std::size_t scratch_bytes() const override {
        return static_cast<std::size_t>(depth()) * tile_pixels * sizeof(float);
    }
    void bind(const Operands& operands) override {
        input_ = operands.inputs[0];
        output_ = operands.output;
        columns_ = reinterpret_cast<float*>(operands.scratch);
    }

    void run() override {
        const int pixels = static_cast<int>(request_.output.plane());
        for (int group = 0; group < request_.geometry.groups; ++group) {
            for (int first = 0; first < pixels; first += tile_pixels) {
                const int count = std::min(tile_pixels, pixels - first);
                gather(group, first, count);
                multiply(group, first, count);
            }
        }
    }

private:
    int depth() const {
        const ConvGeometry& g = request_.geometry;
        return g.inputs / g.groups * g.kernel * g.kernel;
    }

    /// Row (channel, ky, kx) of `columns_` holds that tap for every pixel of the tile.
    void gather(int group, int first, int count) {
        const ConvGeometry& g = request_.geometry;
        const int channels = g.inputs / g.groups;
        float* row = columns_;
        for (int channel = 0; channel < channels; ++channel) {
            const float* plane = input_ + static_cast<std::size_t>(group * channels + channel) *
                                              request_.input.plane();
            for (int ky = 0; ky < g.kernel; ++ky) {
                for (int kx = 0; kx < g.kernel; ++kx, row += tile_pixels) {
                    gather_tap(plane, ky, kx, first, {row, static_cast<std::size_t>(count)});
                }
            }
        }
    }

    void gather_tap(const float* plane, int ky, int kx, int first, std::span<float> row) const {
        const ConvGeometry& g = request_.geometry;
        int oy = first / request_.output.width;
        int ox = first % request_.output.width;
        for (float& value : row) {
            const int y = oy * g.stride - g.padding + ky;
            const int x = ox * g.stride - g.padding + kx;
            const bool inside =
                y >= 0 && y < request_.input.height && x >= 0 && x < request_.input.width;
            value = inside ? plane[y * request_.input.width + x] : 0.0F;
            if (++ox == request_.output.width) {
                ox = 0;
                ++oy;
            }
        }
    }

    void multiply(int group, int first, int count) {
        const int outputs = request_.geometry.outputs / request_.geometry.groups;
        const auto plane = static_cast<Eigen::Index>(request_.output.plane());
        for (int m = 0; m < outputs; m += tile_outputs) {
            const int rows = std::min(tile_outputs, outputs - m);
            const int channel = group * outputs + m;
            Rows result(output_ + channel * plane + first, rows, count,
                        Eigen::OuterStride<>(plane));
            begin(result, channel);
            for (int k = 0; k < depth(); k += tile_depth) {
                const int length = std::min(tile_depth, depth() - k);
                const ConstRows weights(
                    weights_.data() + static_cast<std::ptrdiff_t>(channel) * depth() + k, rows,
                    length, Eigen::OuterStride<>(depth()));
                const ConstRows columns(columns_ + static_cast<std::ptrdiff_t>(k) * tile_pixels,
                                        length, count, Eigen::OuterStride<>(tile_pixels));
                result.noalias() += weights * columns;
            }
            activate(result);
        }
    }

    void begin(Rows& result, int channel) const {
        if (!request_.accumulate) result.setZero();
        if (bias_.empty()) return;
        for (Eigen::Index row = 0; row < result.rows(); ++row) {
            result.row(row).array() += bias_[static_cast<std::size_t>(channel + row)];
        }
    }

    void activate(Rows& result) const {
        switch (request_.activation) {
            case Activation::relu:
                result = result.cwiseMax(0.0F);
                break;
            case Activation::silu:
                result.array() /= (-result.array()).exp() + 1.0F;
                break;
            case Activation::none:
                break;
        }
    }

    ConvRequest request_;
    std::vector<float> weights_;
    std::vector<float> bias_;
    const float* input_ = nullptr;
    float* output_ = nullptr;
    float* columns_ = nullptr;
};

}  // namespace

std::unique_ptr<Kernel> make_conv(const ConvRequest& request) {
    if (request.input_layout != Layout::plain || request.output_layout != Layout::plain) return {};
    return std::make_unique<ReferenceConv>(request);
}

}  // namespace caplamp::nn::reference
