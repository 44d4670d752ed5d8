// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "nn/kernels/layout.hpp"

namespace caplamp::nn {

/// The layout of all maps inside a network: blocks as wide as this machine's vectors, or plain
/// when the forced kernel is the reference or there are no kernels for blocks.
Layout inside_layout(std::string_view forced_kernel);

}  // namespace caplamp::nn
