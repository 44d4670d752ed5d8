// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "nn/kernels/kernel.hpp"

/// The plain versions, which the other rows of the table are tested against: one thread, any
/// layout except for the convolution, which takes the plain one only.
namespace caplamp::nn::reference {

std::unique_ptr<Kernel> make_conv(const ConvRequest& request);
std::unique_ptr<Kernel> make_affine(const AffineRequest& request);
std::unique_ptr<Kernel> make_activation(const ActivationRequest& request);
std::unique_ptr<Kernel> make_add(const AddRequest& request);
std::unique_ptr<Kernel> make_copy(const CopyRequest& request);
std::unique_ptr<Kernel> make_max_pool(const MaxPoolRequest& request);
std::unique_ptr<Kernel> make_upsample(const UpsampleRequest& request);
std::unique_ptr<Kernel> make_reorder(const ReorderRequest& request);

}  // namespace caplamp::nn::reference
