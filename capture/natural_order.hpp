// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace caplamp::capture {

/// True when `a` comes before `b` as people count: "frame9" before "frame10". A strict total
/// order: texts that differ only in leading zeros are told apart byte by byte.
bool natural_less(std::string_view a, std::string_view b);

}  // namespace caplamp::capture
