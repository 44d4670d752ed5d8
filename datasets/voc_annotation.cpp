// SPDX-License-Identifier: Apache-2.0
#include "datasets/voc_annotation.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <pugixml.hpp>

#include "datasets/text.hpp"

namespace caplamp::datasets {
namespace {

constexpr double largest_corner = 1e6;

// An XML text that can say on which line a node begins.
struct Source {
    const std::filesystem::path& file;
    const std::string& text;
    Problems* problems;

    void complain(const pugi::xml_node& node, const std::string& why) const {
        const std::ptrdiff_t offset = std::max<std::ptrdiff_t>(node.offset_debug(), 0);
        reject(problems, "malformed label",
               at_line(file, line_of(text, static_cast<std::size_t>(offset))) + why);
    }
};

std::optional<double> number_at(const pugi::xml_node& parent, const char* key) {
    const std::vector<std::string_view> words = words_of(parent.child_value(key));
    return words.size() == 1 ? number_in(words[0]) : std::nullopt;
}

std::optional<Box> box_of(const pugi::xml_node& node, const Source& source) {
    const pugi::xml_node corners = node.child("bndbox");
    if (!corners) {
        source.complain(node, "an object has no bndbox");
        return std::nullopt;
    }
    constexpr std::array keys{"xmin", "ymin", "xmax", "ymax"};
    std::array<double, 4> corner{};
    for (std::size_t i = 0; i < keys.size(); ++i) {
        const std::optional<double> value = number_at(corners, keys[i]);
        if (!value || std::abs(*value) > largest_corner) {
            source.complain(corners, std::string(keys[i]) + " must be a pixel number, is '" +
                                         corners.child_value(keys[i]) + "'");
            return std::nullopt;
        }
        corner[i] = *value;
    }
    if (corner[2] < corner[0] || corner[3] < corner[1]) {
        source.complain(corners, "the corners of a box are in the wrong order");
        return std::nullopt;
    }
    return Box{.x = static_cast<float>(corner[0] - 1),
               .y = static_cast<float>(corner[1] - 1),
               .width = static_cast<float>(corner[2] - corner[0] + 1),
               .height = static_cast<float>(corner[3] - corner[1] + 1)};
}

std::optional<PictureSize> size_of(const pugi::xml_node& root) {
    const std::optional<double> width = number_at(root.child("size"), "width");
    const std::optional<double> height = number_at(root.child("size"), "height");
    if (!width || !height || *width < 1 || *height < 1) return std::nullopt;
    if (*width > largest_corner || *height > largest_corner) return std::nullopt;
    return PictureSize{.width = static_cast<int>(*width), .height = static_cast<int>(*height)};
}

std::string trimmed(std::string_view text) {
    const std::vector<std::string_view> words = words_of(text);
    if (words.empty()) return {};
    const char* const begin = words.front().data();
    return {begin, words.back().data() + words.back().size()};
}

std::optional<VocObject> object_of(const pugi::xml_node& node, const Source& source) {
    VocObject object;
    object.name = trimmed(node.child_value("name"));
    if (object.name.empty()) {
        source.complain(node, "an object has no name");
        return std::nullopt;
    }
    const std::optional<Box> box = box_of(node, source);
    if (!box) return std::nullopt;
    object.truth.box = *box;
    object.truth.difficult = number_at(node, "difficult").value_or(0) != 0;
    return object;
}

}  // namespace

std::optional<VocAnnotation> read_voc_annotation(const std::filesystem::path& file,
                                                 Problems* problems) {
    const std::string text = read_text(file, 64U << 20);
    const Source source{file, text, problems};
    pugi::xml_document document;
    const pugi::xml_parse_result result = document.load_buffer(text.data(), text.size());
    if (!result) {
        const auto offset = static_cast<std::size_t>(std::max<std::ptrdiff_t>(result.offset, 0));
        reject(problems, "malformed label",
               at_line(file, line_of(text, offset)) + "not valid XML: " + result.description());
        return std::nullopt;
    }
    const pugi::xml_node root = document.child("annotation");
    if (!root) {
        source.complain(document.first_child(), "not a VOC annotation: no <annotation>");
        return std::nullopt;
    }
    VocAnnotation annotation;
    annotation.filename = trimmed(root.child_value("filename"));
    annotation.size = size_of(root);
    for (const pugi::xml_node& node : root.children("object"))
        if (std::optional<VocObject> object = object_of(node, source))
            annotation.objects.push_back(std::move(*object));
    return annotation;
}

}  // namespace caplamp::datasets
