// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace caplamp {

/// One place in a YAML file that knows its own address, so every complaint can name it.
/// Cheap to copy. Every complaint is a ConfigError "file:line: dotted.path: why".
class ConfigNode {
public:
    /// Throws Error when the file cannot be read, ConfigError when it is not YAML.
    static ConfigNode load(const std::filesystem::path& file);
    /// The same for text already in memory; `name` stands for the file in messages.
    static ConfigNode parse(const std::string& text, const std::string& name);

    bool is_present() const;
    bool is_sequence() const;
    bool is_map() const;
    int line() const;  // 1-based; of the nearest present ancestor when missing
    const std::filesystem::path& file() const;
    const std::string& path() const;  // dotted, empty for the document itself

    /// A missing key is an absent node, whose `as_*` return their fallback.
    ConfigNode operator[](std::string_view key) const;
    std::vector<ConfigNode> items() const;  // of a sequence; empty when absent
    std::vector<std::string> keys() const;  // of a map, in file order

    int as_int(int fallback, int low, int high) const;
    double as_double(double fallback, double low, double high) const;
    bool as_bool(bool fallback) const;
    std::string as_string(std::string_view fallback) const;
    std::vector<std::string> as_strings() const;

    /// The same, for what has no default: an absent node is an error.
    int require_int(int low, int high) const;
    std::string require_string() const;

    /// Any other key of this map is an error that names the nearest known one.
    void allow_only(std::initializer_list<std::string_view> known) const;

    [[noreturn]] void fail(std::string_view why) const;

private:
    struct Place;
    explicit ConfigNode(std::shared_ptr<const Place> place);
    std::shared_ptr<const Place> place_;
};

/// The known word with the least edit distance to `word`, or empty when none is near.
std::string nearest_word(std::string_view word, std::initializer_list<std::string_view> known);
std::string nearest_word(std::string_view word, std::span<const std::string_view> known);

}  // namespace caplamp
