// SPDX-License-Identifier: Apache-2.0
#include "capture/natural_order.hpp"

#include <algorithm>
#include <cstddef>

namespace caplamp::capture {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// The run of digits that `text` begins with, without leading zeros; `text` moves past it.
std::string_view take_number(std::string_view& text) {
    std::size_t end = 0;
    while (end < text.size() && is_digit(text[end])) ++end;
    std::string_view number = text.substr(0, end);
    text.remove_prefix(end);
    number.remove_prefix(std::min(number.find_first_not_of('0'), number.size()));
    return number;
}

/// Negative, zero or positive, as a numeric comparison of two digit strings of any length.
int compare_numbers(std::string_view a, std::string_view b) {
    if (a.size() != b.size()) return a.size() < b.size() ? -1 : 1;
    return a.compare(b);
}

}  // namespace

bool natural_less(std::string_view a, std::string_view b) {
    const std::string_view whole_a = a;
    const std::string_view whole_b = b;
    while (!a.empty() && !b.empty()) {
        if (is_digit(a.front()) && is_digit(b.front())) {
            const int order = compare_numbers(take_number(a), take_number(b));
            if (order != 0) return order < 0;
        } else {
            if (a.front() != b.front()) return a.front() < b.front();
            a.remove_prefix(1);
            b.remove_prefix(1);
        }
    }
    if (a.empty() != b.empty()) return a.empty();
    return whole_a < whole_b;
}

}  // namespace caplamp::capture
