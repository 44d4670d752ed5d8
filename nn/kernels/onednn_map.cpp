// SPDX-License-Identifier: Apache-2.0
#include <string_view>

#include "nn/kernels/onednn.hpp"

namespace caplamp::nn::onednn {
namespace {

/// One primitive from one map to another: no weights.
class OneDnnMap : public Kernel {
public:
    OneDnnMap(const Processor& processor, const Primitive& primitive,
              const dnnl::memory::desc& source, const dnnl::memory::desc& target)
        : processor_(processor), primitive_(primitive), source_(source), target_(target) {}

    std::size_t scratch_bytes() const override { return primitive_.scratch_bytes(); }
    void bind(const Operands& operands) override {
        primitive_.bind(DNNL_ARG_SRC, source_, operands.inputs[0]);
        primitive_.bind(DNNL_ARG_DST, target_, operands.output);
        primitive_.bind_scratch(operands.scratch);
    }
    void run() override { primitive_.run(processor_.stream); }

private:
    Processor processor_;
    Primitive primitive_;
    dnnl::memory::desc source_;
    dnnl::memory::desc target_;
};

template <class Made, class Desc>
std::unique_ptr<Kernel> make_map(const Processor& processor, const Desc& desc) {
    if (!desc) return {};
    if (std::string_view(desc.impl_info_str()).find("ref") != std::string_view::npos) return {};
    return std::make_unique<OneDnnMap>(
        processor, Primitive(processor.engine, Made(desc), desc.scratchpad_desc()), desc.src_desc(),
        desc.dst_desc());
}

}  // namespace

std::unique_ptr<Kernel> make_activation(const ActivationRequest& request) {
    const Processor processor;
    return make_map<dnnl::eltwise_forward>(
        processor, describe_activation(processor.engine, request.activation,
                                       describe(request.shape, request.layout)));
}

std::unique_ptr<Kernel> make_max_pool(const MaxPoolRequest& request) {
    const Processor processor;
    return make_map<dnnl::pooling_forward>(processor, describe_max_pool(processor.engine, request));
}

std::unique_ptr<Kernel> make_reorder(const ReorderRequest& request) {
    const Processor processor;
    const dnnl::reorder::primitive_desc desc(
        processor.engine, describe(request.shape, request.from), processor.engine,
        describe(request.shape, request.to), attributes(), true);
    return make_map<dnnl::reorder>(processor, desc);
}

}  // namespace caplamp::nn::onednn
