// SPDX-License-Identifier: Apache-2.0
#include "training/winograd_convolution.hpp"

#include "training/winograd_avx2.hpp"

namespace caplamp::training {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

torch::Tensor channels_last(const torch::Tensor& tensor) {
    return tensor.contiguous(torch::MemoryFormat::ChannelsLast);
}

torch::Tensor floats(std::size_t count) { return torch::empty({static_cast<std::int64_t>(count)}); }

torch::Tensor empty_map(const torch::Tensor& like, std::int64_t channels) {
    return torch::empty({like.size(0), channels, like.size(2), like.size(3)},
                        torch::TensorOptions().memory_format(torch::MemoryFormat::ChannelsLast));
}

winograd::Geometry geometry_of(const torch::Tensor& map, std::int64_t inputs,
                               std::int64_t outputs) {
    return {static_cast<int>(map.size(0)), static_cast<int>(map.size(2)),
            static_cast<int>(map.size(3)), static_cast<int>(inputs), static_cast<int>(outputs)};
}

torch::Tensor convolve(const winograd::Geometry& geometry, const torch::Tensor& map,
                       const torch::Tensor& transformed) {
    const torch::Tensor scratch = floats(winograd::scratch_floats(geometry));
    torch::Tensor result = empty_map(map, geometry.outputs);
    winograd::convolve(geometry, map.data_ptr<float>(), transformed.data_ptr<float>(),
                       scratch.data_ptr<float>(), result.data_ptr<float>());
    return result;
}

torch::Tensor input_gradient(const winograd::Geometry& forward, const torch::Tensor& gradient,
                             const torch::Tensor& weight) {
    const torch::Tensor turned = floats(winograd::weight_floats(forward.inputs, forward.outputs));
    winograd::transform_weights_turned(weight.data_ptr<float>(), forward.inputs, forward.outputs,
                                       turned.data_ptr<float>());
    return convolve(geometry_of(gradient, forward.outputs, forward.inputs), gradient, turned);
}

torch::Tensor weight_gradient(const winograd::Geometry& forward, const torch::Tensor& input,
                              const torch::Tensor& gradient, const torch::Tensor& weight) {
    const torch::Tensor scratch = floats(winograd::scratch_floats(forward));
    const torch::Tensor sums = floats(winograd::weight_floats(forward.inputs, forward.outputs));
    torch::Tensor result = torch::empty_like(weight, torch::MemoryFormat::ChannelsLast);
    winograd::weight_gradient(forward, input.data_ptr<float>(), gradient.data_ptr<float>(),
                              scratch.data_ptr<float>(), sums.data_ptr<float>(),
                              result.data_ptr<float>());
    return result;
}

struct Convolution : torch::autograd::Function<Convolution> {
    static torch::Tensor forward(AutogradContext* context, const torch::Tensor& input,
                                 const torch::Tensor& weight) {
        const torch::Tensor map = channels_last(input);
        const torch::Tensor taps = channels_last(weight);
        context->save_for_backward({map, taps});
        const auto geometry = geometry_of(map, taps.size(1), taps.size(0));
        const torch::Tensor transformed =
            floats(winograd::weight_floats(geometry.inputs, geometry.outputs));
        winograd::transform_weights(taps.data_ptr<float>(), geometry.inputs, geometry.outputs,
                                    transformed.data_ptr<float>());
        return convolve(geometry, map, transformed);
    }

    static variable_list backward(AutogradContext* context, const variable_list& gradients) {
        const variable_list saved = context->get_saved_variables();
        const torch::Tensor gradient = channels_last(gradients[0]);
        const auto geometry = geometry_of(saved[0], saved[1].size(1), saved[1].size(0));
        return {context->needs_input_grad(0) ? input_gradient(geometry, gradient, saved[1])
                                             : torch::Tensor(),
                weight_gradient(geometry, saved[0], gradient, saved[1])};
    }
};

}  // namespace

bool winograd_fits(const nn::ConvGeometry& conv, const torch::Tensor& input) {
    return conv.kernel == 3 && conv.stride == 1 && conv.padding == 1 && conv.groups == 1 &&
           !conv.bias && conv.inputs % 16 == 0 && conv.outputs % 16 == 0 && input.is_cpu() &&
           input.scalar_type() == torch::kFloat32 && winograd::supported();
}

torch::Tensor winograd_convolution(const torch::Tensor& input, const torch::Tensor& weight) {
    return Convolution::apply(input, weight);
}

}  // namespace caplamp::training
