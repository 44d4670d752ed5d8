// SPDX-License-Identifier: Apache-2.0
#include "nn/model_table.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <optional>
#include <sstream>
#include <string_view>

#include "core/config_node.hpp"
#include "core/error.hpp"

namespace caplamp::nn {
namespace {

constexpr int most_channels = 8192;

struct KindName {
    std::string_view name;
    LayerKind kind;
};

constexpr std::array kind_names{
    KindName{"Conv", LayerKind::conv},         KindName{"RepBlock", LayerKind::rep_block},
    KindName{"SPPF", LayerKind::sppf},         KindName{"C2f", LayerKind::c2f},
    KindName{"Upsample", LayerKind::upsample}, KindName{"Concat", LayerKind::concat},
    KindName{"Detect", LayerKind::detect}};

LayerKind read_kind(const ConfigNode& node) {
    const std::string name = node.require_string();
    const auto found = std::ranges::find(kind_names, std::string_view(name), &KindName::name);
    if (found == kind_names.end()) {
        node.fail("must be Conv, RepBlock, SPPF, C2f, Upsample, Concat or Detect, is " + name);
    }
    return found->kind;
}

void read_detect(const ConfigNode& node, LayerRow& row) {
    for (const ConfigNode& stride : node["strides"].items()) {
        row.strides.push_back(stride.require_int(1, 1024));
    }
    if (row.strides.size() != row.from.size()) {
        node["strides"].fail("must list one stride for each layer in from");
    }
    if (!std::ranges::is_sorted(row.strides)) node["strides"].fail("must ascend");
    row.box_channels = node["box_channels"].require_int(1, most_channels);
    row.class_channels = node["class_channels"].require_int(1, most_channels);
    row.reg_max = node["reg_max"].require_int(1, 256);
}

void read_shape_fields(const ConfigNode& node, LayerRow& row) {
    switch (row.kind) {
        case LayerKind::conv:
        case LayerKind::rep_block:
        case LayerKind::sppf:
            row.channels = node["channels"].require_int(1, most_channels);
            row.kernel = node["kernel"].require_int(1, 31);
            row.stride = node["stride"].as_int(1, 1, 8);
            if (row.kernel % 2 == 0) node["kernel"].fail("must be odd");
            if (row.kind == LayerKind::rep_block && row.kernel != 3) {
                node["kernel"].fail("must be 3 for a RepBlock");
            }
            if (row.kind == LayerKind::sppf && row.stride != 1) {
                node["stride"].fail("must be 1 for SPPF");
            }
            break;
        case LayerKind::c2f:
            row.channels = node["channels"].require_int(2, most_channels);
            row.repeats = node["repeats"].require_int(1, 64);
            if (row.channels % 2 != 0) node["channels"].fail("must be even for C2f");
            break;
        case LayerKind::upsample:
            row.factor = node["factor"].require_int(2, 8);
            break;
        case LayerKind::concat:
            if (row.from.size() < 2) node["from"].fail("must name two layers or more");
            break;
        case LayerKind::detect:
            read_detect(node, row);
            break;
    }
}

void read_sources(const ConfigNode& node, const std::vector<LayerRow>& above, LayerRow& row) {
    row.from = node["from"].as_strings();
    for (const std::string& source : row.from) {
        if (std::ranges::find(above, source, &LayerRow::layer) == above.end()) {
            node["from"].fail("names layer " + source + ", which is not above");
        }
    }
    if (row.from.empty() && !above.empty()) row.from = {above.back().layer};
    const bool takes_many = row.kind == LayerKind::concat || row.kind == LayerKind::detect;
    if (row.from.size() > 1 && !takes_many) node["from"].fail("must name one layer");
    if (above.empty() && (takes_many || row.kind == LayerKind::upsample)) {
        node["op"].fail("cannot be the first layer");
    }
}

void read_rows(const ConfigNode& list, Part part, std::vector<LayerRow>& rows) {
    for (const ConfigNode& node : list.items()) {
        node.allow_only({"layer", "op", "from", "channels", "kernel", "stride", "repeats", "factor",
                         "strides", "box_channels", "class_channels", "reg_max"});
        LayerRow row;
        row.part = part;
        row.layer = node["layer"].require_string();
        if (std::ranges::find(rows, row.layer, &LayerRow::layer) != rows.end()) {
            node["layer"].fail("stands twice: " + row.layer);
        }
        row.kind = read_kind(node["op"]);
        if ((row.kind == LayerKind::detect) != (part == Part::head)) {
            node["op"].fail("Detect is the head and the head is one Detect");
        }
        read_sources(node, rows, row);
        read_shape_fields(node, row);
        rows.push_back(std::move(row));
    }
}

std::vector<std::string> read_classes(const ConfigNode& node) {
    std::vector<std::string> classes;
    for (const ConfigNode& item : node.items()) {
        classes.push_back(item.require_string());
        if (classes.back().find(',') != std::string::npos) item.fail("must not hold a comma");
        if (std::ranges::count(classes, classes.back()) > 1) item.fail("stands twice");
    }
    if (classes.empty()) node.fail("must name one class at least");
    return classes;
}

ModelTable read_table(const ConfigNode& root) {
    root.allow_only({"name", "classes", "batch_norm", "backbone", "neck", "head"});
    ModelTable table;
    table.name = root["name"].require_string();
    table.classes = read_classes(root["classes"]);
    const ConfigNode norm = root["batch_norm"];
    norm.allow_only({"epsilon", "momentum"});
    table.batch_norm_epsilon = norm["epsilon"].as_double(table.batch_norm_epsilon, 1e-12, 1);
    table.batch_norm_momentum = norm["momentum"].as_double(table.batch_norm_momentum, 0, 1);
    read_rows(root["backbone"], Part::backbone, table.rows);
    if (table.rows.empty()) root["backbone"].fail("must hold one layer at least");
    read_rows(root["neck"], Part::neck, table.rows);
    read_rows(root["head"], Part::head, table.rows);
    if (table.rows.back().kind != LayerKind::detect ||
        std::ranges::count(table.rows, LayerKind::detect, &LayerRow::kind) != 1) {
        root["head"].fail("must be one Detect row");
    }
    return table;
}

std::string describe(const LayerRow& row) {
    std::ostringstream text;
    text << row.layer << ' ' << static_cast<int>(row.part) << ' ' << static_cast<int>(row.kind)
         << ' ' << row.channels << ' ' << row.kernel << ' ' << row.stride << ' ' << row.repeats
         << ' ' << row.factor << ' ' << row.box_channels << ' ' << row.class_channels << ' '
         << row.reg_max;
    for (const std::string& source : row.from) text << " <" << source;
    for (const int stride : row.strides) text << " /" << stride;
    text << '\n';
    return text.str();
}

}  // namespace

ModelTable ModelTable::load(const std::filesystem::path& file) {
    return read_table(ConfigNode::load(file));
}

ModelTable ModelTable::parse(const std::string& yaml, const std::string& name) {
    return read_table(ConfigNode::parse(yaml, name));
}

std::string ModelTable::hash() const {
    std::ostringstream text;
    text << classes.size() << ' ' << batch_norm_epsilon << '\n';
    for (const LayerRow& row : rows) text << describe(row);
    std::uint64_t hash = 0xcbf29ce484222325U;  // FNV-1a, 64 bits
    for (const char c : text.str()) {
        hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
    }
    std::array<char, 17> digits{};
    std::snprintf(digits.data(), digits.size(), "%016llx", static_cast<unsigned long long>(hash));
    return digits.data();
}

}  // namespace caplamp::nn
