// SPDX-License-Identifier: Apache-2.0
#include "nn/kernels/onednn.hpp"

namespace caplamp::nn::onednn {
namespace {

using dnnl::memory;
using dnnl::prop_kind;

memory::format_tag tag_of(Layout layout) {
    switch (layout) {
        case Layout::blocked_8:
            return memory::format_tag::nChw8c;
        case Layout::blocked_16:
            return memory::format_tag::nChw16c;
        case Layout::plain:
            break;
    }
    return memory::format_tag::nchw;
}

dnnl::algorithm algorithm_of(Activation activation) {
    return activation == Activation::relu ? dnnl::algorithm::eltwise_relu
                                          : dnnl::algorithm::eltwise_swish;
}

}  // namespace

// The library tells only what it was built and allowed to use, which is what counts.
Layout widest_layout() {
    switch (dnnl::get_effective_cpu_isa()) {
        case dnnl::cpu_isa::sse41:
        case dnnl::cpu_isa::avx:
        case dnnl::cpu_isa::avx2:
        case dnnl::cpu_isa::avx2_vnni:
            return Layout::blocked_8;
        case dnnl::cpu_isa::avx512_core:
        case dnnl::cpu_isa::avx512_core_vnni:
        case dnnl::cpu_isa::avx512_core_bf16:
        case dnnl::cpu_isa::avx512_core_amx:
            return Layout::blocked_16;
        default:
            return Layout::plain;
    }
}

memory::desc describe(Shape shape, Layout layout) {
    return {{1, shape.channels, shape.height, shape.width}, memory::data_type::f32, tag_of(layout)};
}

dnnl::primitive_attr attributes() {
    dnnl::primitive_attr attributes;
    attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
    return attributes;
}

Primitive::Primitive(const dnnl::engine& engine, const dnnl::primitive& primitive,
                     const memory::desc& scratch)
    : engine_(engine), primitive_(primitive), scratch_(scratch) {}

void Primitive::bind(int argument, const memory::desc& desc, const void* data) {
    memories_.emplace_back(desc, engine_, const_cast<void*>(data));
    arguments_.push_back({argument, memories_.back().get()});
}

void Primitive::bind_scratch(std::byte* data) {
    if (scratch_.get_size() > 0) bind(DNNL_ARG_SCRATCHPAD, scratch_, data);
}

void Primitive::run(const dnnl::stream& stream) const {
    dnnl::error::wrap_c_api(
        dnnl_primitive_execute(primitive_.get(), stream.get(), static_cast<int>(arguments_.size()),
                               arguments_.data()),
        "a oneDNN primitive failed");
}

dnnl::convolution_forward::primitive_desc describe_conv(const dnnl::engine& engine,
                                                        dnnl::algorithm algorithm,
                                                        const ConvRequest& request,
                                                        const dnnl::primitive_attr& attributes) {
    const ConvGeometry& g = request.geometry;
    const memory::desc source = describe(request.input, request.input_layout);
    const memory::desc target = describe(request.output, request.output_layout);
    memory::dims sides{g.outputs, g.inputs / g.groups, g.kernel, g.kernel};
    if (g.groups > 1) {
        sides = {g.groups, g.outputs / g.groups, g.inputs / g.groups, g.kernel, g.kernel};
    }
    const memory::desc weights(sides, memory::data_type::f32, memory::format_tag::any);
    const memory::desc bias =
        request.bias.empty()
            ? memory::desc()
            : memory::desc({g.outputs}, memory::data_type::f32, memory::format_tag::x);
    const memory::dims stride{g.stride, g.stride};
    const memory::dims padding{g.padding, g.padding};
#if DNNL_VERSION_MAJOR >= 3
    return {engine,     prop_kind::forward_inference,
            algorithm,  source,
            weights,    bias,
            target,     stride,
            padding,    padding,
            attributes, true};
#else
    const dnnl::convolution_forward::desc desc(prop_kind::forward_inference, algorithm, source,
                                               weights, bias, target, stride, padding, padding);
    return {desc, attributes, engine, true};
#endif
}

dnnl::eltwise_forward::primitive_desc describe_activation(const dnnl::engine& engine,
                                                          Activation activation,
                                                          const memory::desc& map) {
    const dnnl::algorithm algorithm = algorithm_of(activation);
    const float alpha = activation == Activation::silu ? 1.0F : 0.0F;
#if DNNL_VERSION_MAJOR >= 3
    return {engine, prop_kind::forward_inference, algorithm, map, map, alpha, 0.0F, attributes(),
            true};
#else
    const dnnl::eltwise_forward::desc desc(prop_kind::forward_inference, algorithm, map, alpha,
                                           0.0F);
    return {desc, attributes(), engine, true};
#endif
}

dnnl::pooling_forward::primitive_desc describe_max_pool(const dnnl::engine& engine,
                                                        const MaxPoolRequest& request) {
    const memory::desc map = describe(request.shape, request.layout);
    const memory::dims stride{1, 1};
    const memory::dims window{request.kernel, request.kernel};
    const memory::dims padding{request.kernel / 2, request.kernel / 2};
#if DNNL_VERSION_MAJOR >= 3
    return {engine,
            prop_kind::forward_inference,
            dnnl::algorithm::pooling_max,
            map,
            map,
            stride,
            window,
            {0, 0},
            padding,
            padding,
            attributes(),
            true};
#else
    const dnnl::pooling_forward::desc desc(prop_kind::forward_inference,
                                           dnnl::algorithm::pooling_max, map, map, stride, window,
                                           padding, padding);
    return {desc, attributes(), engine, true};
#endif
}

}  // namespace caplamp::nn::onednn
