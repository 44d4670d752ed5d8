// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/tensor.hpp"
#include "nn/graph.hpp"
#include "nn/kernels/layout.hpp"

namespace caplamp::nn {

enum class Activation { none, relu, silu };

/// Addresses for one kernel, fixed before the first run.
struct Operands {
    std::span<const float* const> inputs;
    float* output = nullptr;
    std::byte* scratch = nullptr;  // at least scratch_bytes(), aligned to 64
};

/// One step of an executable, compiled for its shapes, layouts and weights (which it owns).
/// run() allocates nothing of its own and gives the same bits each time.
class Kernel {
public:
    virtual ~Kernel() = default;
    virtual std::size_t weight_bytes() const { return 0; }
    virtual std::size_t scratch_bytes() const { return 0; }
    virtual void bind(const Operands& operands) = 0;
    virtual void run() = 0;
};

/// Convolution, then bias, then what `output` already holds if `accumulate`, then the activation.
struct ConvRequest {
    ConvGeometry geometry;
    Shape input;
    Shape output;
    Layout input_layout = Layout::plain;
    Layout output_layout = Layout::plain;
    Activation activation = Activation::none;
    bool accumulate = false;
    int threads = 1;
    std::span<const float> weights;  // [outputs, inputs / groups, kernel, kernel]
    std::span<const float> bias;     // empty: none
};

/// Batch norm as it runs: output = input * scale + shift, per channel. May run in place.
struct AffineRequest {
    Shape shape;
    Layout layout = Layout::plain;
    std::span<const float> scale;
    std::span<const float> shift;
};

/// May run in place.
struct ActivationRequest {
    Shape shape;
    Layout layout = Layout::plain;
    Activation activation = Activation::relu;
    int threads = 1;
};

/// Sum of all inputs; `output` may be any one of them.
struct AddRequest {
    Shape shape;
    Layout layout = Layout::plain;
    std::size_t inputs = 2;
};

/// A range of channels of one map into a range of another; both have the same layout.
struct CopyRequest {
    Shape input;
    Shape output;
    Layout layout = Layout::plain;
    int from_channel = 0;
    int to_channel = 0;
    int channels = 0;
};

/// Stride 1, odd kernel, padded with -infinity to keep the size.
struct MaxPoolRequest {
    Shape shape;
    Layout layout = Layout::plain;
    int kernel = 0;
    int threads = 1;
};

/// Nearest neighbour.
struct UpsampleRequest {
    Shape input;
    Layout layout = Layout::plain;
    int factor = 2;
};

struct ReorderRequest {
    Shape shape;
    Layout from = Layout::plain;
    Layout to = Layout::plain;
    int threads = 1;
};

/// One way to do an operation. `make` gives nothing when this row cannot do the request.
template <class Request>
struct KernelRow {
    std::string_view name;
    std::unique_ptr<Kernel> (*make)(const Request& request);
};

/// The rows for one operation, best first as measured (bench/README.md): which one a layer gets
/// follows from its shape and the machine alone, never from a trial, so that every run and every
/// slice of a network gives the same bits. The last row does every request in the plain layout
/// (where a request names layouts that it lacks, reorders are put around it).
template <class Request>
std::span<const KernelRow<Request>> kernel_table();

template <>
std::span<const KernelRow<ConvRequest>> kernel_table();
template <>
std::span<const KernelRow<AffineRequest>> kernel_table();
template <>
std::span<const KernelRow<ActivationRequest>> kernel_table();
template <>
std::span<const KernelRow<AddRequest>> kernel_table();
template <>
std::span<const KernelRow<CopyRequest>> kernel_table();
template <>
std::span<const KernelRow<MaxPoolRequest>> kernel_table();
template <>
std::span<const KernelRow<UpsampleRequest>> kernel_table();
template <>
std::span<const KernelRow<ReorderRequest>> kernel_table();

/// The names of all rows, once each.
std::vector<std::string> kernel_names();

}  // namespace caplamp::nn
