// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "nn/kernels/reference.hpp"

namespace caplamp::nn::reference {
namespace {

/// The part of a window that lies on the map.
struct Window {
    int y_begin, y_end, x_begin, x_end;
};

class ReferenceMaxPool : public Kernel {
public:
    explicit ReferenceMaxPool(const MaxPoolRequest& request)
        : shape_(request.shape),
          block_(block_of(request.layout)),
          blocks_(padded_channels(shape_.channels, request.layout) / block_),
          reach_(request.kernel / 2) {}

    void bind(const Operands& operands) override {
        input_ = operands.inputs[0];
        output_ = operands.output;
    }

    void run() override {
        const std::size_t floats = shape_.plane() * static_cast<std::size_t>(block_);
        for (int b = 0; b < blocks_; ++b) {
            const float* input = input_ + static_cast<std::size_t>(b) * floats;
            float* output = output_ + static_cast<std::size_t>(b) * floats;
            for (int y = 0; y < shape_.height; ++y) {
                for (int x = 0; x < shape_.width; ++x, output += block_) pool(input, y, x, output);
            }
        }
    }

private:
    // A window that begins at the pixel itself and skips what lies outside is padding by -infinity.
    void pool(const float* input, int y, int x, float* output) const {
        std::copy_n(pixel(input, y, x), block_, output);
        const Window window{std::max(0, y - reach_), std::min(shape_.height, y + reach_ + 1),
                            std::max(0, x - reach_), std::min(shape_.width, x + reach_ + 1)};
        for (int wy = window.y_begin; wy < window.y_end; ++wy) {
            for (int wx = window.x_begin; wx < window.x_end; ++wx) {
                const float* from = pixel(input, wy, wx);
                for (int c = 0; c < block_; ++c) output[c] = std::max(output[c], from[c]);
            }
        }
    }

    const float* pixel(const float* input, int y, int x) const {
        return input + (static_cast<std::ptrdiff_t>(y) * shape_.width + x) * block_;
    }

    Shape shape_;
    int block_;
    int blocks_;
    int reach_;
    const float* input_ = nullptr;
    float* output_ = nullptr;
};

class ReferenceUpsample : public Kernel {
public:
    explicit ReferenceUpsample(const UpsampleRequest& request)
        : shape_(request.input),
          block_(block_of(request.layout)),
          rows_(padded_channels(shape_.channels, request.layout) / block_ * shape_.height),
          factor_(request.factor) {}

    void bind(const Operands& operands) override {
        input_ = operands.inputs[0];
        output_ = operands.output;
    }

    // Rows of all blocks follow each other, in the input as in the output.
    void run() override {
        const float* from = input_;
        float* to = output_;
        const std::ptrdiff_t row = static_cast<std::ptrdiff_t>(shape_.width) * factor_ * block_;
        for (int y = 0; y < rows_; ++y) {
            const float* const first = to;
            for (int x = 0; x < shape_.width; ++x, from += block_) {
                for (int i = 0; i < factor_; ++i, to += block_) std::copy_n(from, block_, to);
            }
            for (int i = 1; i < factor_; ++i) to = std::copy_n(first, row, to);
        }
    }

private:
    Shape shape_;
    int block_;
    int rows_;
    int factor_;
    const float* input_ = nullptr;
    float* output_ = nullptr;
};

}  // namespace

std::unique_ptr<Kernel> make_max_pool(const MaxPoolRequest& request) {
    return std::make_unique<ReferenceMaxPool>(request);
}

std::unique_ptr<Kernel> make_upsample(const UpsampleRequest& request) {
    return std::make_unique<ReferenceUpsample>(request);
}

}  // namespace caplamp::nn::reference
