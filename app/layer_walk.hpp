// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <vector>

#include "app/model.hpp"
#include "nn/executable.hpp"

namespace caplamp::app {

/// The backbone in slices of one layer each, so that every value that can cross a cut is seen. One
/// thread at a time.
class LayerWalk {
public:
    /// Throws Error when the picture's shape does not fit the strides.
    LayerWalk(const Model& model, Shape picture);

    /// Where to write the picture before run(): RGB planes of 0..1.
    MutableTensorView picture() { return slices_.front().input(0); }
    /// Calls `see` with each layer's value of the graph and its numbers, valid during the call.
    void run(const std::function<void(int value, TensorView numbers)>& see);

private:
    std::vector<nn::Executable> slices_;
};

}  // namespace caplamp::app
