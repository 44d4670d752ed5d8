// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <memory>
#include <oneapi/dnnl/dnnl.hpp>

#include "nn/kernels/kernel.hpp"

/// Rows of the table that Intel's oneDNN does; written for versions 2 and 3 of it. Each refuses
/// what the library would do by its own reference code, which is far slower than ours.
namespace caplamp::nn::onednn {

std::unique_ptr<Kernel> make_direct_conv(const ConvRequest& request);
/// Winograd F(4x4, 3x3), AVX-512 only; a SiLU runs as a pass of its own, since the library has
/// Winograd only without it.
std::unique_ptr<Kernel> make_winograd_conv(const ConvRequest& request);
std::unique_ptr<Kernel> make_activation(const ActivationRequest& request);
std::unique_ptr<Kernel> make_max_pool(const MaxPoolRequest& request);
std::unique_ptr<Kernel> make_reorder(const ReorderRequest& request);

/// The widest blocks that the library has kernels for on this machine.
Layout widest_layout();

dnnl::memory::desc describe(Shape shape, Layout layout);

/// Scratch memory comes from the caller.
dnnl::primitive_attr attributes();

/// A primitive with its operands, ready to run without a look-up of ours. (The library itself
/// books a few small nodes for the arguments of each run and frees them before it returns.)
class Primitive {
public:
    Primitive() = default;
    Primitive(const dnnl::engine& engine, const dnnl::primitive& primitive,
              const dnnl::memory::desc& scratch);

    explicit operator bool() const { return static_cast<bool>(primitive_); }
    std::size_t scratch_bytes() const { return scratch_.get_size(); }
    void bind(int argument, const dnnl::memory::desc& desc, const void* data);
    void bind_scratch(std::byte* data);
    void run(const dnnl::stream& stream) const;

private:
    dnnl::engine engine_;
    dnnl::primitive primitive_;
    dnnl::memory::desc scratch_;
    std::vector<dnnl::memory> memories_;
    std::vector<dnnl_exec_arg_t> arguments_;
};

struct Processor {
    dnnl::engine engine{dnnl::engine::kind::cpu, 0};
    dnnl::stream stream{engine};
};

/// What the constructor of a primitive wants, by version of the library; empty if it has none.
dnnl::convolution_forward::primitive_desc describe_conv(const dnnl::engine& engine,
                                                        dnnl::algorithm algorithm,
                                                        const ConvRequest& request,
                                                        const dnnl::primitive_attr& attributes);
dnnl::eltwise_forward::primitive_desc describe_activation(const dnnl::engine& engine,
                                                          Activation activation,
                                                          const dnnl::memory::desc& map);
dnnl::pooling_forward::primitive_desc describe_max_pool(const dnnl::engine& engine,
                                                        const MaxPoolRequest& request);

}  // namespace caplamp::nn::onednn
