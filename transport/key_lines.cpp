// SPDX-License-Identifier: Apache-2.0
#include "transport/key_lines.hpp"

#include <algorithm>

namespace caplamp::transport {
namespace {

std::string_view trimmed(std::string_view line) {
    constexpr std::string_view spaces = " \t\r";
    const std::size_t begin = line.find_first_not_of(spaces);
    if (begin == std::string_view::npos) return {};
    return line.substr(begin, line.find_last_not_of(spaces) - begin + 1);
}

}  // namespace

std::vector<KeyLine> key_lines(std::string_view text) {
    std::vector<KeyLine> lines;
    for (int number = 1; !text.empty(); ++number) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view line = trimmed(text.substr(0, end));
        if (!line.empty() && line.front() != '#') lines.push_back({number, line});
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

}  // namespace caplamp::transport
