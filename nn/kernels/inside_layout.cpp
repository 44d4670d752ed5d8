// SPDX-License-Identifier: Apache-2.0
#include "nn/kernels/inside_layout.hpp"

#include "nn/kernels/onednn.hpp"

namespace caplamp::nn {

Layout inside_layout(std::string_view forced_kernel) {
    return forced_kernel == "reference" ? Layout::plain : onednn::widest_layout();
}

}  // namespace caplamp::nn
