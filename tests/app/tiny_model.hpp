// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

namespace caplamp::test {

inline const std::filesystem::path tiny_table = "tests/app/tiny.yaml";

/// Random weights that fit tests/app/tiny.yaml.
void write_tiny_weights(const std::filesystem::path& file);
/// The same with one number that is none.
void write_tiny_weights_with_nan(const std::filesystem::path& file);

}  // namespace caplamp::test
