// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace caplamp::datasets {

/// The whole file. Throws Error when it cannot be read or is larger than `limit` bytes.
std::string read_text(const std::filesystem::path& file, std::uintmax_t limit = 1U << 30);

/// A finite number that fills the whole word; nothing otherwise ("nan", "1e999", "3px", "").
std::optional<double> number_in(std::string_view word);

/// The words of a line, split at blanks; a carriage return counts as one.
std::vector<std::string_view> words_of(std::string_view line);

/// The lines of a text, without their ends.
std::vector<std::string_view> lines_of(std::string_view text);

/// "file:line: "
std::string at_line(const std::filesystem::path& file, std::size_t line);

/// The 1-based line of a byte of a text.
std::size_t line_of(std::string_view text, std::size_t byte);

/// All pictures under a folder, sub-folders too, in order of name.
std::vector<std::filesystem::path> pictures_under(const std::filesystem::path& folder);

}  // namespace caplamp::datasets
