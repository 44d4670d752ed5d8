// SPDX-License-Identifier: Apache-2.0
#include "nn/kernels/reference.hpp"

namespace caplamp::nn::reference {
namespace {

class ReferenceCopy : public Kernel {
public:
    explicit ReferenceCopy(const CopyRequest& request) : request_(request) {}

    void bind(const Operands& operands) override {
        input_ = operands.inputs[0];
        output_ = operands.output;
    }

    void run() override {
        const int block = block_of(request_.layout);
        for (int c = 0; c < request_.channels; ++c) {
            for (std::size_t pixel = 0; pixel < request_.output.plane(); ++pixel) {
                output_[index_of(request_.output, block, request_.to_channel + c, pixel)] =
                    input_[index_of(request_.input, block, request_.from_channel + c, pixel)];
            }
        }
        if (request_.to_channel + request_.channels == request_.output.channels) clear_padding();
    }

private:
    void clear_padding() {
        const int block = block_of(request_.layout);
        const int end = padded_channels(request_.output.channels, request_.layout);
        for (int c = request_.output.channels; c < end; ++c) {
            for (std::size_t pixel = 0; pixel < request_.output.plane(); ++pixel) {
                output_[index_of(request_.output, block, c, pixel)] = 0.0F;
            }
        }
    }

    CopyRequest request_;
    const float* input_ = nullptr;
    float* output_ = nullptr;
};

class ReferenceReorder : public Kernel {
public:
    explicit ReferenceReorder(const ReorderRequest& request) : request_(request) {}

    void bind(const Operands& operands) override {
        input_ = operands.inputs[0];
        output_ = operands.output;
    }

    void run() override {
        const int from = block_of(request_.from);
        const int to = block_of(request_.to);
        const int end = padded_channels(request_.shape.channels, request_.to);
        for (int c = 0; c < end; ++c) {
            const bool real = c < request_.shape.channels;
            for (std::size_t pixel = 0; pixel < request_.shape.plane(); ++pixel) {
                output_[index_of(request_.shape, to, c, pixel)] =
                    real ? input_[index_of(request_.shape, from, c, pixel)] : 0.0F;
            }
        }
    }

private:
    ReorderRequest request_;
    const float* input_ = nullptr;
    float* output_ = nullptr;
};

}  // namespace

std::unique_ptr<Kernel> make_copy(const CopyRequest& request) {
    return std::make_unique<ReferenceCopy>(request);
}

std::unique_ptr<Kernel> make_reorder(const ReorderRequest& request) {
    return std::make_unique<ReferenceReorder>(request);
}

}  // namespace caplamp::nn::reference
