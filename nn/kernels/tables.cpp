// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "nn/kernels/kernel.hpp"
#include "nn/kernels/onednn.hpp"
#include "nn/kernels/reference.hpp"
#include "nn/kernels/winograd_conv.hpp"

namespace caplamp::nn {
namespace {

constexpr std::array conv_rows{
    KernelRow<ConvRequest>{"winograd", winograd::make_conv},
    KernelRow<ConvRequest>{"onednn_winograd", onednn::make_winograd_conv},
    KernelRow<ConvRequest>{"onednn", onednn::make_direct_conv},
    KernelRow<ConvRequest>{"reference", reference::make_conv},
};
constexpr std::array affine_rows{
    KernelRow<AffineRequest>{"reference", reference::make_affine},
};
constexpr std::array activation_rows{
    KernelRow<ActivationRequest>{"onednn", onednn::make_activation},
    KernelRow<ActivationRequest>{"reference", reference::make_activation},
};
constexpr std::array add_rows{
    KernelRow<AddRequest>{"reference", reference::make_add},
};
constexpr std::array copy_rows{
    KernelRow<CopyRequest>{"reference", reference::make_copy},
};
constexpr std::array max_pool_rows{
    KernelRow<MaxPoolRequest>{"onednn", onednn::make_max_pool},
    KernelRow<MaxPoolRequest>{"reference", reference::make_max_pool},
};
constexpr std::array upsample_rows{
    KernelRow<UpsampleRequest>{"reference", reference::make_upsample},
};
constexpr std::array reorder_rows{
    KernelRow<ReorderRequest>{"onednn", onednn::make_reorder},
    KernelRow<ReorderRequest>{"reference", reference::make_reorder},
};

template <class Request>
void collect_names(std::vector<std::string>& names) {
    for (const KernelRow<Request>& row : kernel_table<Request>()) {
        if (std::ranges::find(names, row.name) == names.end()) names.emplace_back(row.name);
    }
}

}  // namespace

template <>
std::span<const KernelRow<ConvRequest>> kernel_table() {
    return conv_rows;
}
template <>
std::span<const KernelRow<AffineRequest>> kernel_table() {
    return affine_rows;
}
template <>
std::span<const KernelRow<ActivationRequest>> kernel_table() {
    return activation_rows;
}
template <>
std::span<const KernelRow<AddRequest>> kernel_table() {
    return add_rows;
}
template <>
std::span<const KernelRow<CopyRequest>> kernel_table() {
    return copy_rows;
}
template <>
std::span<const KernelRow<MaxPoolRequest>> kernel_table() {
    return max_pool_rows;
}
template <>
std::span<const KernelRow<UpsampleRequest>> kernel_table() {
    return upsample_rows;
}
template <>
std::span<const KernelRow<ReorderRequest>> kernel_table() {
    return reorder_rows;
}

std::vector<std::string> kernel_names() {
    std::vector<std::string> names;
    collect_names<ConvRequest>(names);
    collect_names<ActivationRequest>(names);
    collect_names<MaxPoolRequest>(names);
    collect_names<ReorderRequest>(names);
    return names;
}

}  // namespace caplamp::nn
