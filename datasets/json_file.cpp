// SPDX-License-Identifier: Apache-2.0
#include "datasets/json_file.hpp"

#include <array>
#include <cmath>

#include "core/error.hpp"
#include "datasets/text.hpp"

namespace caplamp::datasets {
namespace {

using nlohmann::json;

constexpr double largest_pixel = 1e6;

const json* value_at(const json& object, const char* key) {
    if (!object.is_object()) return nullptr;
    const auto found = object.find(key);
    return found == object.end() ? nullptr : &*found;
}

}  // namespace

json read_json(const std::filesystem::path& file) {
    const std::string text = read_text(file);
    try {
        return json::parse(text);
    } catch (const json::parse_error& error) {
        throw Error(at_line(file, line_of(text, error.byte)) + "not valid JSON");
    } catch (const json::exception&) {  // a number such as 1e999
        throw Error(file.string() + ": not valid JSON: a number out of range");
    }
}

std::optional<std::int64_t> integer_at(const json& object, const char* key) {
    const json* value = value_at(object, key);
    if (value == nullptr || !value->is_number_integer()) return std::nullopt;
    return value->get<std::int64_t>();
}

std::optional<double> number_at(const json& object, const char* key) {
    const json* value = value_at(object, key);
    if (value == nullptr || !value->is_number()) return std::nullopt;
    const double number = value->get<double>();
    return std::isfinite(number) ? std::optional(number) : std::nullopt;
}

std::optional<std::string> text_at(const json& object, const char* key) {
    const json* value = value_at(object, key);
    if (value == nullptr || !value->is_string()) return std::nullopt;
    return value->get<std::string>();
}

std::optional<Box> box_at(const json& object) {
    const json* value = value_at(object, "bbox");
    if (value == nullptr || !value->is_array() || value->size() != 4) return std::nullopt;
    std::array<float, 4> side{};
    for (std::size_t i = 0; i < side.size(); ++i) {
        const json& number = (*value)[i];
        if (!number.is_number() || !(std::abs(number.get<double>()) <= largest_pixel))
            return std::nullopt;
        side[i] = number.get<float>();
    }
    if (side[2] < 0 || side[3] < 0) return std::nullopt;
    return Box{.x = side[0], .y = side[1], .width = side[2], .height = side[3]};
}

bool flag_at(const json& object, const char* key) {
    const json* value = value_at(object, key);
    if (value == nullptr) return false;
    if (value->is_boolean()) return value->get<bool>();
    return value->is_number() && value->get<double>() != 0;
}

}  // namespace caplamp::datasets
