// SPDX-License-Identifier: Apache-2.0
#include "nn/weights.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <numeric>

#include "core/error.hpp"
#include "nn/half.hpp"

namespace caplamp::nn {
namespace {

using Json = nlohmann::json;

constexpr std::uint64_t most_header_bytes = 100'000'000;  // the limit of the format's authors
constexpr std::uint64_t most_dimensions = 8;

[[noreturn]] void fail(const std::filesystem::path& file, const std::string& why) {
    throw Error(file.string() + ": " + why);
}

std::string read_bytes(const std::filesystem::path& file) {
    std::error_code error;
    if (std::filesystem::is_directory(file, error)) fail(file, "is a folder, not a weights file");
    std::ifstream stream(file, std::ios::binary);
    if (!stream) fail(file, "cannot be read");
    return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

std::uint64_t read_length(const std::string& bytes, const std::filesystem::path& file) {
    if (bytes.size() < 8) fail(file, "is too short for a safetensors file");
    std::uint64_t length = 0;
    for (std::size_t i = 8; i-- > 0;) length = length << 8 | static_cast<unsigned char>(bytes[i]);
    if (length > most_header_bytes || length > bytes.size() - 8) {
        fail(file, "is cut short or not a safetensors file: its header claims " +
                       std::to_string(length) + " bytes");
    }
    return length;
}

std::size_t item_size(const std::string& type) {
    if (type == "F32") return 4;
    if (type == "F16" || type == "BF16") return 2;
    if (type == "F64") return 8;
    return 0;
}

template <class T>
T load(const char* at) {
    T value;
    std::memcpy(&value, at, sizeof value);
    return value;
}

std::vector<float> to_floats(const char* data, std::size_t count, const std::string& type) {
    std::vector<float> values(count);
    for (std::size_t i = 0; i < count; ++i) {
        if (type == "F32") {
            values[i] = load<float>(data + 4 * i);
        } else if (type == "F64") {
            values[i] = static_cast<float>(load<double>(data + 8 * i));
        } else if (type == "F16") {
            values[i] = half_to_float(load<std::uint16_t>(data + 2 * i));
        } else {
            values[i] = std::bit_cast<float>(
                static_cast<std::uint32_t>(load<std::uint16_t>(data + 2 * i)) << 16);
        }
    }
    return values;
}

/// The number of items; more than `limit`, whatever the number, when the shape cannot be true.
std::uint64_t read_shape(const Json& shape, Array& array, std::uint64_t limit) {
    std::uint64_t count = 1;
    for (const Json& side : shape) {
        const auto length = side.get<std::uint64_t>();
        if (length > limit || (count *= length) > limit) return limit + 1;
        array.shape.push_back(static_cast<int>(length));
    }
    return count;
}

struct Span {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
    std::string name;
};

Span read_array(const std::string& name, const Json& entry, std::string_view data,
                const std::filesystem::path& file, Array& array) {
    const auto type = entry.at("dtype").get<std::string>();
    const std::size_t size = item_size(type);
    if (size == 0) fail(file, name + ": type " + type + " is not a float type");
    const Json& shape = entry.at("shape");
    const Json& offsets = entry.at("data_offsets");
    if (!shape.is_array() || shape.size() > most_dimensions) fail(file, name + ": bad shape");
    if (!offsets.is_array() || offsets.size() != 2) fail(file, name + ": bad data_offsets");
    for (const Json& list : {shape, offsets}) {
        if (!std::ranges::all_of(list, [](const Json& n) { return n.is_number_unsigned(); })) {
            fail(file, name + ": shape and data_offsets must be whole numbers");
        }
    }
    Span span{offsets[0].get<std::uint64_t>(), offsets[1].get<std::uint64_t>(), name};
    if (span.begin > span.end || span.end > data.size()) {
        fail(file, "is cut short: " + name + " ends at byte " + std::to_string(span.end) + " of " +
                       std::to_string(data.size()));
    }
    const std::uint64_t limit =
        std::min<std::uint64_t>(data.size(), std::numeric_limits<int>::max());
    const std::uint64_t count = read_shape(shape, array, limit);
    if (count > limit || count * size != span.end - span.begin) {
        fail(file, name + ": its shape does not fit its bytes");
    }
    array.values = to_floats(data.data() + span.begin, static_cast<std::size_t>(count), type);
    return span;
}

void check_overlaps(std::vector<Span> spans, const std::filesystem::path& file) {
    std::ranges::sort(spans, {}, &Span::begin);
    for (std::size_t i = 1; i < spans.size(); ++i) {
        if (spans[i].begin < spans[i - 1].end) {
            fail(file, spans[i].name + " and " + spans[i - 1].name + " overlap");
        }
    }
}

Weights parse(const std::string& bytes, const std::filesystem::path& file) {
    const std::uint64_t length = read_length(bytes, file);
    const std::string_view all(bytes);
    const Json header = Json::parse(all.substr(8, length));
    const std::string_view data = all.substr(8 + length);
    Weights weights;
    std::vector<Span> spans;
    for (const auto& entry : header.items()) {
        if (entry.key() == "__metadata__") {
            weights.metadata = entry.value().get<std::map<std::string, std::string>>();
            continue;
        }
        spans.push_back(
            read_array(entry.key(), entry.value(), data, file, weights.arrays[entry.key()]));
    }
    check_overlaps(std::move(spans), file);
    return weights;
}

std::string header_of(const Weights& weights, std::size_t item) {
    Json header = Json::object();
    if (!weights.metadata.empty()) header["__metadata__"] = weights.metadata;
    std::size_t offset = 0;
    for (const auto& [name, array] : weights.arrays) {
        const std::size_t bytes = array.values.size() * item;
        header[name] = {{"dtype", item == 2 ? "F16" : "F32"},
                        {"shape", array.shape},
                        {"data_offsets", {offset, offset + bytes}}};
        offset += bytes;
    }
    std::string text = header.dump();
    text.append((8 - text.size() % 8) % 8, ' ');  // data begins on a multiple of 8
    return text;
}

void write_values(std::ostream& stream, const Array& array, StorageType type) {
    if (type == StorageType::f32) {
        stream.write(reinterpret_cast<const char*>(array.values.data()),
                     static_cast<std::streamsize>(array.values.size() * sizeof(float)));
        return;
    }
    std::vector<std::uint16_t> halves(array.values.size());
    std::ranges::transform(array.values, halves.begin(), float_to_half);
    stream.write(reinterpret_cast<const char*>(halves.data()),
                 static_cast<std::streamsize>(halves.size() * sizeof(std::uint16_t)));
}

std::string shape_text(const std::vector<int>& shape) {
    std::string text = "[";
    for (const int side : shape) text += (text.size() > 1 ? ", " : "") + std::to_string(side);
    return text + "]";
}

}  // namespace

const Array& Weights::at(const std::string& name) const {
    const auto found = arrays.find(name);
    if (found == arrays.end()) throw Error("weights: there is no array " + name);
    return found->second;
}

Weights read_weights(const std::filesystem::path& file) {
    const std::string bytes = read_bytes(file);
    try {
        return parse(bytes, file);
    } catch (const Json::exception& e) {
        fail(file, std::string("is not a safetensors file: ") + e.what());
    }
}

void write_weights(const std::filesystem::path& file, const Weights& weights, StorageType type) {
    const std::filesystem::path unfinished = file.string() + ".unfinished";
    std::ofstream stream(unfinished, std::ios::binary);
    if (!stream) fail(file, "cannot be written");
    const std::string header = header_of(weights, type == StorageType::f16 ? 2 : 4);
    for (std::size_t i = 0; i < 8; ++i) {
        stream.put(static_cast<char>(header.size() >> (8 * i) & 0xff));
    }
    stream << header;
    for (const auto& entry : weights.arrays) write_values(stream, entry.second, type);
    stream.close();
    std::error_code error;
    if (!stream) {
        std::filesystem::remove(unfinished, error);
        fail(file, "cannot be written: is the disk full?");
    }
    std::filesystem::rename(unfinished, file, error);
    if (error) fail(file, "cannot be written: " + error.message());
}

std::map<std::string, std::vector<int>> arrays_of(const Graph& graph) {
    std::map<std::string, std::vector<int>> arrays;
    for (const Node& node : graph.nodes) {
        if (node.kind == OpKind::conv) {
            const ConvGeometry& conv = node.conv;
            arrays[node.name + ".weight"] = {conv.outputs, conv.inputs / conv.groups, conv.kernel,
                                             conv.kernel};
            if (conv.bias) arrays[node.name + ".bias"] = {conv.outputs};
        } else if (node.kind == OpKind::batch_norm) {
            for (const char* part : {".weight", ".bias", ".running_mean", ".running_var"}) {
                arrays[node.name + part] = {node.channels};
            }
        }
    }
    return arrays;
}

void check_weights(const Weights& weights, const Graph& graph, const ModelTable& table,
                   const std::filesystem::path& file) {
    const auto stated = weights.metadata.find("model_hash");
    if (stated != weights.metadata.end() && stated->second != table.hash()) {
        fail(file, "belongs to another model: its table has hash " + stated->second + ", " +
                       table.name + " has " + table.hash());
    }
    for (const auto& [name, shape] : arrays_of(graph)) {
        const auto found = weights.arrays.find(name);
        if (found == weights.arrays.end()) {
            fail(file, "belongs to another model: array " + name + " is missing");
        }
        const Array& array = found->second;
        if (array.shape != shape) {
            fail(file, "belongs to another model: " + name + " has shape " +
                           shape_text(array.shape) + ", " + table.name + " needs " +
                           shape_text(shape));
        }
        const bool finite =
            std::ranges::all_of(array.values, [](float v) { return std::isfinite(v); });
        if (!finite) fail(file, name + " holds a number that is not finite");
        const bool negative = std::ranges::any_of(array.values, [](float v) { return v < 0; });
        if (name.ends_with(".running_var") && negative)
            fail(file, name + " holds a variance below 0");
    }
}

}  // namespace caplamp::nn
