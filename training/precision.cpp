// SPDX-License-Identifier: Apache-2.0
#include "training/precision.hpp"

#include <ATen/autocast_mode.h>
#include <torch/version.h>

namespace caplamp::training {
namespace {

void set_cuda_autocast(bool on) {
#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 4)
    at::autocast::set_autocast_dtype(at::kCUDA, at::kBFloat16);
    at::autocast::set_autocast_enabled(at::kCUDA, on);
#else
    at::autocast::set_autocast_gpu_dtype(at::kBFloat16);
    at::autocast::set_enabled(on);
#endif
    if (!on) at::autocast::clear_cache();
}

}  // namespace

MixedPrecision::MixedPrecision(torch::Device device) : active_(device.is_cuda()) {
    if (active_) set_cuda_autocast(true);
}

MixedPrecision::~MixedPrecision() {
    if (active_) set_cuda_autocast(false);
}

}  // namespace caplamp::training
