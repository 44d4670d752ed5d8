// SPDX-License-Identifier: Apache-2.0
#include <string_view>

#include "nn/kernels/onednn.hpp"

namespace caplamp::nn::onednn {
namespace {

using dnnl::memory;
using ConvDesc = dnnl::convolution_forward::primitive_desc;

class OneDnnConv : public Kernel {
public:
    OneDnnConv(const ConvRequest& request, const Processor& processor, const ConvDesc& desc,
               Activation separate)
        : processor_(processor),
          desc_(desc),
          conv_(processor.engine, dnnl::convolution_forward(desc), desc.scratchpad_desc()),
          weights_(desc.weights_desc(), processor.engine),
          bias_(request.bias.begin(), request.bias.end()) {
        pack(request);
        if (separate == Activation::none) return;
        const auto after = describe_activation(processor.engine, separate, desc.dst_desc());
        activation_ =
            Primitive(processor.engine, dnnl::eltwise_forward(after), after.scratchpad_desc());
    }

    std::size_t weight_bytes() const override {
        return weights_.get_desc().get_size() + bias_.size() * sizeof(float);
    }
    std::size_t scratch_bytes() const override { return conv_.scratch_bytes(); }

    void bind(const Operands& operands) override {
        conv_.bind(DNNL_ARG_SRC, desc_.src_desc(), operands.inputs[0]);
        conv_.bind(DNNL_ARG_WEIGHTS, desc_.weights_desc(), weights_.get_data_handle());
        if (!bias_.empty()) conv_.bind(DNNL_ARG_BIAS, desc_.bias_desc(), bias_.data());
        conv_.bind(DNNL_ARG_DST, desc_.dst_desc(), operands.output);
        conv_.bind_scratch(operands.scratch);
        if (!activation_) return;
        activation_.bind(DNNL_ARG_SRC, desc_.dst_desc(), operands.output);
        activation_.bind(DNNL_ARG_DST, desc_.dst_desc(), operands.output);
    }

    void run() override {
        conv_.run(processor_.stream);
        if (activation_) activation_.run(processor_.stream);
    }

private:
    void pack(const ConvRequest& request) {
        const ConvGeometry& g = request.geometry;
        const memory::desc plain =
            g.groups > 1 ? memory::desc({g.groups, g.outputs / g.groups, g.inputs / g.groups,
                                         g.kernel, g.kernel},
                                        memory::data_type::f32, memory::format_tag::goihw)
                         : memory::desc({g.outputs, g.inputs, g.kernel, g.kernel},
                                        memory::data_type::f32, memory::format_tag::oihw);
        memory from(plain, processor_.engine, const_cast<float*>(request.weights.data()));
        dnnl::stream stream = processor_.stream;
        dnnl::reorder(from, weights_).execute(stream, from, weights_);
        stream.wait();
    }

    Processor processor_;
    ConvDesc desc_;
    Primitive conv_;
    Primitive activation_;
    memory weights_;
    std::vector<float> bias_;
};

dnnl::primitive_attr conv_attributes(const ConvRequest& request, Activation fused) {
    dnnl::post_ops after;
    if (request.accumulate) after.append_sum(1.0F);
#if DNNL_VERSION_MAJOR >= 3
    if (fused == Activation::relu) {
        after.append_eltwise(dnnl::algorithm::eltwise_relu, 0.0F, 0.0F);
    } else if (fused == Activation::silu) {
        after.append_eltwise(dnnl::algorithm::eltwise_swish, 1.0F, 0.0F);
    }
#else
    if (fused == Activation::relu) {
        after.append_eltwise(1.0F, dnnl::algorithm::eltwise_relu, 0.0F, 0.0F);
    } else if (fused == Activation::silu) {
        after.append_eltwise(1.0F, dnnl::algorithm::eltwise_swish, 1.0F, 0.0F);
    }
#endif
    dnnl::primitive_attr attr = attributes();
    attr.set_post_ops(after);
    return attr;
}

std::unique_ptr<Kernel> make_conv(const ConvRequest& request, dnnl::algorithm algorithm,
                                  std::string_view wanted, Activation separate) {
    if (request.output_layout == Layout::plain) return {};
    const Activation fused = separate == Activation::none ? request.activation : Activation::none;
    const Processor processor;
    const ConvDesc desc =
        describe_conv(processor.engine, algorithm, request, conv_attributes(request, fused));
    if (!desc) return {};
    const std::string_view name = desc.impl_info_str();
    if (name.find("ref") != name.npos || name.find(wanted) == name.npos) return {};
    return std::make_unique<OneDnnConv>(request, processor, desc, separate);
}

}  // namespace

std::unique_ptr<Kernel> make_direct_conv(const ConvRequest& request) {
    return make_conv(request, dnnl::algorithm::convolution_direct, "", Activation::none);
}

std::unique_ptr<Kernel> make_winograd_conv(const ConvRequest& request) {
    const ConvGeometry& g = request.geometry;
    if (g.kernel != 3 || g.stride != 1 || g.groups != 1 || request.accumulate) return {};
    const Activation separate =
        request.activation == Activation::silu ? Activation::silu : Activation::none;
    return make_conv(request, dnnl::algorithm::convolution_winograd, "wino", separate);
}

}  // namespace caplamp::nn::onednn
