// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <vector>

namespace caplamp::transport {

struct KeyLine {
    int number = 0;         // 1-based
    std::string_view text;  // without spaces around it
};

/// The lines of `text` that are neither empty nor begin with #, as no key does: the first letter
/// of a number below 2^32 in Z85 is one of the first 83, and # is the 85th. They borrow `text`.
std::vector<KeyLine> key_lines(std::string_view text);

}  // namespace caplamp::transport
