// SPDX-License-Identifier: Apache-2.0
#include "core/config_node.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "core/error.hpp"

namespace caplamp {

struct ConfigNode::Place {
    std::filesystem::path file;
    std::string path;
    YAML::Node node;
    int line = 1;
};

namespace {

std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
        }
    }
    return row[b.size()];
}

std::string address(const std::filesystem::path& file, int line) {
    return file.string() + ":" + std::to_string(line) + ": ";
}

std::string number_text(double value) {
    std::ostringstream text;
    text << value;
    return text.str();
}

YAML::Node parse_yaml(const std::string& text, const std::filesystem::path& file) {
    try {
        return YAML::Load(text);
    } catch (const YAML::Exception& e) {
        throw ConfigError(address(file, e.mark.line + 1) + "not valid YAML: " + e.msg);
    }
}

}  // namespace

std::string nearest_word(std::string_view word, std::initializer_list<std::string_view> known) {
    return nearest_word(word, std::span<const std::string_view>(known.begin(), known.size()));
}

std::string nearest_word(std::string_view word, std::span<const std::string_view> known) {
    std::string_view best;
    std::size_t best_distance = std::max<std::size_t>(2, word.size() / 2) + 1;
    for (const std::string_view candidate : known) {
        const std::size_t distance = edit_distance(word, candidate);
        if (distance < best_distance) {
            best = candidate;
            best_distance = distance;
        }
    }
    return std::string(best);
}

ConfigNode::ConfigNode(std::shared_ptr<const Place> place) : place_(std::move(place)) {}

ConfigNode ConfigNode::load(const std::filesystem::path& file) {
    std::ifstream stream(file);
    if (!stream || std::filesystem::is_directory(file)) {
        throw Error(file.string() + ": cannot be read");
    }
    std::ostringstream text;
    text << stream.rdbuf();
    return parse(text.str(), file.string());
}

ConfigNode ConfigNode::parse(const std::string& text, const std::string& name) {
    auto place = std::make_shared<Place>();
    place->file = name;
    place->node = parse_yaml(text, place->file);
    place->line = std::max(1, place->node.Mark().line + 1);
    return ConfigNode(std::move(place));
}

bool ConfigNode::is_present() const { return place_->node.IsDefined() && !place_->node.IsNull(); }
bool ConfigNode::is_sequence() const {
    return place_->node.IsDefined() && place_->node.IsSequence();
}
bool ConfigNode::is_map() const { return place_->node.IsDefined() && place_->node.IsMap(); }
int ConfigNode::line() const { return place_->line; }
const std::filesystem::path& ConfigNode::file() const { return place_->file; }
const std::string& ConfigNode::path() const { return place_->path; }

ConfigNode ConfigNode::operator[](std::string_view key) const {
    auto child = std::make_shared<Place>();
    child->file = place_->file;
    child->path = place_->path.empty() ? std::string(key) : place_->path + "." + std::string(key);
    child->line = place_->line;
    child->node = YAML::Node(YAML::NodeType::Undefined);
    if (is_present() && !is_map()) fail("must be a map of settings");
    if (is_map()) {
        for (const auto& entry : place_->node) {
            if (entry.first.Scalar() != key) continue;
            child->node = entry.second;
            child->line = entry.first.Mark().line + 1;
        }
    }
    return ConfigNode(std::move(child));
}

std::vector<ConfigNode> ConfigNode::items() const {
    std::vector<ConfigNode> result;
    if (!is_present()) return result;
    if (!is_sequence()) fail("must be a list");
    for (std::size_t i = 0; i < place_->node.size(); ++i) {
        auto child = std::make_shared<Place>();
        child->file = place_->file;
        child->path = place_->path + "[" + std::to_string(i) + "]";
        child->node = place_->node[i];
        child->line = child->node.Mark().line + 1;
        result.push_back(ConfigNode(std::move(child)));
    }
    return result;
}

std::vector<std::string> ConfigNode::keys() const {
    std::vector<std::string> result;
    if (!is_present()) return result;
    if (!is_map()) fail("must be a map of settings");
    for (const auto& entry : place_->node) result.push_back(entry.first.Scalar());
    return result;
}

int ConfigNode::as_int(int fallback, int low, int high) const {
    if (!is_present()) return fallback;
    int value = 0;
    const bool converted =
        place_->node.IsScalar() && YAML::convert<int>::decode(place_->node, value);
    if (!converted) fail("must be a whole number");
    if (value < low || value > high) {
        fail("must be " + std::to_string(low) + ".." + std::to_string(high) + ", is " +
             std::to_string(value));
    }
    return value;
}

double ConfigNode::as_double(double fallback, double low, double high) const {
    if (!is_present()) return fallback;
    double value = 0;
    const bool converted =
        place_->node.IsScalar() && YAML::convert<double>::decode(place_->node, value);
    if (!converted || std::isnan(value)) fail("must be a number");
    if (!(value >= low && value <= high)) {
        fail("must be " + number_text(low) + ".." + number_text(high) + ", is " +
             number_text(value));
    }
    return value;
}

bool ConfigNode::as_bool(bool fallback) const {
    if (!is_present()) return fallback;
    bool value = false;
    if (!place_->node.IsScalar() || !YAML::convert<bool>::decode(place_->node, value)) {
        fail("must be true or false");
    }
    return value;
}

std::string ConfigNode::as_string(std::string_view fallback) const {
    if (!is_present()) return std::string(fallback);
    if (!place_->node.IsScalar()) fail("must be a word or a text");
    return place_->node.Scalar();
}

std::vector<std::string> ConfigNode::as_strings() const {
    if (is_present() && !is_sequence()) return {as_string("")};
    std::vector<std::string> result;
    for (const ConfigNode& item : items()) result.push_back(item.as_string(""));
    return result;
}

int ConfigNode::require_int(int low, int high) const {
    if (!is_present()) fail("is missing");
    return as_int(0, low, high);
}

std::string ConfigNode::require_string() const {
    if (!is_present()) fail("is missing");
    return as_string("");
}

void ConfigNode::allow_only(std::initializer_list<std::string_view> known) const {
    for (const std::string& key : keys()) {
        if (std::ranges::find(known, std::string_view(key)) != known.end()) continue;
        const std::string near = nearest_word(key, known);
        (*this)[key].fail(near.empty() ? "is not a known setting"
                                       : "is not a known setting; did you mean " + near + "?");
    }
}

void ConfigNode::fail(std::string_view why) const {
    const std::string where = place_->path.empty() ? "" : place_->path + ": ";
    throw ConfigError(address(place_->file, place_->line) + where + std::string(why));
}

}  // namespace caplamp
