// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "app/model.hpp"

namespace caplamp::app {

/// Names a table together with the numbers of its weights, "caplamp-s-1f3a...": features of one
/// model must never be finished by another.
std::string model_id(const Model& model);

}  // namespace caplamp::app
