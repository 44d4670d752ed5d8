// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string_view>

#include "nn/kernels/kernel.hpp"

namespace caplamp::nn {

struct ChosenKernel {
    std::string_view row;  // its name in the table
    std::unique_ptr<Kernel> kernel;

    explicit operator bool() const { return kernel != nullptr; }
};

/// The row called `forced` where it can do the request, else the first that can; nothing when none
/// can.
template <class Request>
ChosenKernel first_kernel(const Request& request, std::string_view forced) {
    ChosenKernel first;
    for (const KernelRow<Request>& row : kernel_table<Request>()) {
        if (first && row.name != forced) continue;
        if (auto kernel = row.make(request)) first = {row.name, std::move(kernel)};
        if (row.name == forced || (first && forced.empty())) {
            if (first) return first;
        }
    }
    return first;
}

}  // namespace caplamp::nn
