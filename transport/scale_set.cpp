// SPDX-License-Identifier: Apache-2.0
#include "transport/scale_set.hpp"

#include <algorithm>
#include <array>

#include "transport/bytes.hpp"

namespace caplamp::transport {
namespace {

constexpr std::array<std::uint8_t, 8> magic{'C', 'L', 'S', 'C', 'A', 'L', 'E', '1'};

}  // namespace

std::optional<ScaleTable> ScaleSet::table(std::span<const int> values, const Codec& codec) const {
    ScaleTable table{.bits = codec.bits, .tensors = {}};
    const bool entropy = codec.stage == Stage::rans;
    for (const int value : values) {
        const auto known = scales.find({static_cast<std::uint32_t>(value), codec.bits, entropy});
        if (known == scales.end()) return std::nullopt;
        table.tensors.push_back(known->second);
    }
    return table;
}

std::vector<std::uint8_t> to_bytes(const ScaleSet& set) {
    std::vector<std::uint8_t> bytes(magic.begin(), magic.end());
    append_le(bytes, static_cast<std::uint32_t>(set.model.size()));
    bytes.insert(bytes.end(), set.model.begin(), set.model.end());
    append_le(bytes, static_cast<std::uint32_t>(set.scales.size()));
    for (const auto& [key, scales] : set.scales) {
        append_le(bytes, key.value);
        append_le(bytes, static_cast<std::uint8_t>(key.bits));
        append_le(bytes, static_cast<std::uint8_t>(key.entropy));
        append_scales(bytes, scales);
    }
    append_le(bytes, fnv1a(bytes));
    return bytes;
}

std::optional<ScaleSet> parse_scale_set(std::span<const std::uint8_t> bytes) {
    if (bytes.size() < sizeof(std::uint64_t)) return std::nullopt;
    const auto body = bytes.first(bytes.size() - sizeof(std::uint64_t));
    if (load_le<std::uint64_t>(bytes.data() + body.size()) != fnv1a(body)) return std::nullopt;
    ByteReader reader(body);
    if (!std::ranges::equal(reader.take(magic.size()), magic)) return std::nullopt;
    ScaleSet set;
    const auto name = reader.take(reader.read<std::uint32_t>());
    set.model.assign(name.begin(), name.end());
    const auto count = reader.read<std::uint32_t>();
    for (std::uint32_t i = 0; i < count; ++i) {
        ScaleSet::Key key{.value = reader.read<std::uint32_t>()};
        key.bits = reader.read<std::uint8_t>();
        key.entropy = reader.read<std::uint8_t>() != 0;
        if (key.bits < 1 || key.bits > 8) return std::nullopt;
        TensorScales& scales = set.scales[key];
        if (!read_scales(reader, key.bits, scales)) return std::nullopt;
        if (key.entropy != (scales.entropy.symbols > 0)) return std::nullopt;
    }
    if (!reader.at_end()) return std::nullopt;
    return set;
}

}  // namespace caplamp::transport
