// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "app/model.hpp"

namespace caplamp::app {

/// Where the backbone can be cut, by the layer before the cut: "0", "1", "2-0", ... and "jpeg",
/// the whole network behind a picture.
std::vector<std::string> cuts_of(const Model& model);

/// The full name of a cut: "4" is the stage's last layer, "4-5"; "auto" is the cut of the backbone
/// that the fewest numbers cross. Throws Error when there is none of that name.
std::string name_of_cut(const Model& model, const std::string& word);

}  // namespace caplamp::app
