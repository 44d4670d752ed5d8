// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "training/command_line.hpp"

namespace caplamp::training {

/// Writes layers.safetensors (f32): "picture" [3, H, W], even noise of a fixed seed, and every
/// node's output by its name, in evaluation mode. What engines are compared with.
/// Throws Error for bad weights, sides that do not fit and a folder that cannot be written.
void dump_layers(const CommandLine& line);

}  // namespace caplamp::training
