// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "core/detection.hpp"

namespace caplamp::datasets {

/// Throws Error: "file: cannot be read", "file:line: not valid JSON".
nlohmann::json read_json(const std::filesystem::path& file);

/// Typed reads that never throw: nothing when the key is missing or of another kind.
std::optional<std::int64_t> integer_at(const nlohmann::json& object, const char* key);
std::optional<double> number_at(const nlohmann::json& object, const char* key);
std::optional<std::string> text_at(const nlohmann::json& object, const char* key);
/// `bbox`: left, top, width, height in pixels, finite, no negative size.
std::optional<Box> box_at(const nlohmann::json& object);
/// 0, 1, false or true; false when missing.
bool flag_at(const nlohmann::json& object, const char* key);

}  // namespace caplamp::datasets
