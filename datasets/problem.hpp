// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace caplamp::datasets {

/// One thing wrong with a set. The message begins with the file, and the line where there is one.
struct Problem {
    std::string kind;  // "malformed label", "missing picture", ...: what a table counts
    std::string message;
    bool operator==(const Problem&) const = default;
};

using Problems = std::vector<Problem>;

/// A reader that is given a list notes what is wrong and reads on, for the check. A reader that
/// is given none stops with an Error at the first thing that makes the set unusable...
void reject(Problems* problems, std::string kind, std::string message);
/// ...and passes over what is merely suspicious.
void remark(Problems* problems, std::string kind, std::string message);

}  // namespace caplamp::datasets
