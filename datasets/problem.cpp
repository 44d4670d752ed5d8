// SPDX-License-Identifier: Apache-2.0
#include "datasets/problem.hpp"

#include <utility>

#include "core/error.hpp"

namespace caplamp::datasets {

void reject(Problems* problems, std::string kind, std::string message) {
    if (problems == nullptr) throw Error(message);
    problems->push_back({std::move(kind), std::move(message)});
}

void remark(Problems* problems, std::string kind, std::string message) {
    if (problems != nullptr) problems->push_back({std::move(kind), std::move(message)});
}

}  // namespace caplamp::datasets
