// SPDX-License-Identifier: Apache-2.0
#include "nn/kernels/inside_layout.hpp"

namespace caplamp::nn {

Layout inside_layout(std::string_view) { return Layout::plain; }

}  // namespace caplamp::nn
