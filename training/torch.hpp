// SPDX-License-Identifier: Apache-2.0
#pragma once

// One door to libtorch, precompiled for this folder: its headers take seconds in every file.
#include <torch/torch.h>
