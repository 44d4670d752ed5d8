// SPDX-License-Identifier: Apache-2.0
#include "datasets/text.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <fstream>

#include "core/error.hpp"
#include "datasets/picture_size.hpp"

namespace caplamp::datasets {

namespace fs = std::filesystem;

std::string read_text(const fs::path& file, std::uintmax_t limit) {
    std::error_code failure;
    const std::uintmax_t size = fs::file_size(file, failure);
    std::ifstream stream(file, std::ios::binary);
    if (failure || !stream) throw Error(file.string() + ": cannot be read");
    if (size > limit)
        throw Error(file.string() + ": larger than " + std::to_string(limit >> 20) + " MB");
    std::string text(size, '\0');
    stream.read(text.data(), static_cast<std::streamsize>(size));
    if (stream.gcount() != static_cast<std::streamsize>(size))
        throw Error(file.string() + ": cannot be read to its end");
    return text;
}

std::optional<double> number_in(std::string_view word) {
    double value = 0;
    const char* const end = word.data() + word.size();
    const auto [stopped, failure] = std::from_chars(word.data(), end, value);
    if (failure != std::errc() || stopped != end || !std::isfinite(value)) return std::nullopt;
    return value;
}

std::vector<std::string_view> words_of(std::string_view line) {
    constexpr std::string_view blanks = " \t\r\v\f";
    std::vector<std::string_view> words;
    for (std::size_t begin = line.find_first_not_of(blanks); begin != std::string_view::npos;) {
        const std::size_t end = std::min(line.find_first_of(blanks, begin), line.size());
        words.push_back(line.substr(begin, end - begin));
        begin = line.find_first_not_of(blanks, end);
    }
    return words;
}

std::vector<std::string_view> lines_of(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        lines.push_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

std::string at_line(const fs::path& file, std::size_t line) {
    return file.string() + ":" + std::to_string(line) + ": ";
}

std::size_t line_of(std::string_view text, std::size_t byte) {
    const std::string_view before = text.substr(0, std::min(byte, text.size()));
    return 1 + static_cast<std::size_t>(std::ranges::count(before, '\n'));
}

std::vector<fs::path> pictures_under(const fs::path& folder) {
    std::vector<fs::path> pictures;
    std::error_code failure;
    for (fs::recursive_directory_iterator entry(folder, failure), end; !failure && entry != end;
         entry.increment(failure))
        if (entry->is_regular_file() && has_picture_ending(entry->path()))
            pictures.push_back(entry->path());
    if (failure) throw Error(folder.string() + ": cannot be read: " + failure.message());
    std::ranges::sort(pictures);
    return pictures;
}

}  // namespace caplamp::datasets
