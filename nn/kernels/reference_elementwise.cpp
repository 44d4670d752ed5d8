// SPDX-License-Identifier: Apache-2.0
#include <Eigen/Core>
#include <algorithm>

#include "nn/kernels/reference.hpp"

namespace caplamp::nn::reference {
namespace {

using Floats = Eigen::Map<Eigen::ArrayXf>;
using ConstFloats = Eigen::Map<const Eigen::ArrayXf>;

/// Padding channels get scale and shift 0, so that they stay zero.
class ReferenceAffine : public Kernel {
public:
    explicit ReferenceAffine(const AffineRequest& request)
        : shape_(request.shape),
          block_(static_cast<std::size_t>(block_of(request.layout))),
          scale_(request.scale.begin(), request.scale.end()),
          shift_(request.shift.begin(), request.shift.end()) {
        const auto padded =
            static_cast<std::size_t>(padded_channels(shape_.channels, request.layout));
        scale_.resize(padded);
        shift_.resize(padded);
    }

    std::size_t weight_bytes() const override { return 2 * scale_.size() * sizeof(float); }
    void bind(const Operands& operands) override {
        input_ = operands.inputs[0];
        output_ = operands.output;
    }

    void run() override {
        std::size_t at = 0;
        for (std::size_t first = 0; first < scale_.size(); first += block_) {
            for (std::size_t pixel = 0; pixel < shape_.plane(); ++pixel) {
                for (std::size_t c = first; c < first + block_; ++c, ++at) {
                    output_[at] = input_[at] * scale_[c] + shift_[c];
                }
            }
        }
    }

private:
    Shape shape_;
    std::size_t block_;
    std::vector<float> scale_;
    std::vector<float> shift_;
    const float* input_ = nullptr;
    float* output_ = nullptr;
};

class ReferenceActivation : public Kernel {
public:
    explicit ReferenceActivation(const ActivationRequest& request)
        : activation_(request.activation),
          count_(static_cast<Eigen::Index>(floats_of(request.shape, request.layout))) {}

    void bind(const Operands& operands) override {
        input_ = operands.inputs[0];
        output_ = operands.output;
    }

    void run() override {
        const ConstFloats input(input_, count_);
        Floats output(output_, count_);
        if (activation_ == Activation::relu) {
            output = input.cwiseMax(0.0F);
        } else {
            output = input / ((-input).exp() + 1.0F);
        }
    }

private:
    Activation activation_;
    Eigen::Index count_;
    const float* input_ = nullptr;
    float* output_ = nullptr;
};

class ReferenceAdd : public Kernel {
public:
    explicit ReferenceAdd(const AddRequest& request)
        : count_(floats_of(request.shape, request.layout)), inputs_(request.inputs) {}

    void bind(const Operands& operands) override {
        std::copy(operands.inputs.begin(), operands.inputs.end(), inputs_.begin());
        output_ = operands.output;
    }

    // A number is read from all inputs before it is written: the output may be one of them.
    void run() override {
        for (std::size_t i = 0; i < count_; ++i) {
            float sum = inputs_[0][i];
            for (std::size_t k = 1; k < inputs_.size(); ++k) sum += inputs_[k][i];
            output_[i] = sum;
        }
    }

private:
    std::size_t count_;
    std::vector<const float*> inputs_;
    float* output_ = nullptr;
};

}  // namespace

std::unique_ptr<Kernel> make_affine(const AffineRequest& request) {
    return std::make_unique<ReferenceAffine>(request);
}

std::unique_ptr<Kernel> make_activation(const ActivationRequest& request) {
    return std::make_unique<ReferenceActivation>(request);
}

std::unique_ptr<Kernel> make_add(const AddRequest& request) {
    return std::make_unique<ReferenceAdd>(request);
}

}  // namespace caplamp::nn::reference
