// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <vector>

namespace caplamp::transport {

struct KeyLine {
    int number = 0;         // 1-based
    std::string_view text;  // without spaces around it
};

/// The lines of `text` that are neither empty nor begin with #. They borrow `text`.
std::vector<KeyLine> key_lines(std::string_view text);

}  // namespace caplamp::transport
