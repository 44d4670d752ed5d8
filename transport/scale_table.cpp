// SPDX-License-Identifier: Apache-2.0
#include "transport/scale_table.hpp"

#include <algorithm>
#include <cmath>

#include "transport/bytes.hpp"

namespace caplamp::transport {
namespace {

constexpr std::uint32_t most_tensors = 16;
constexpr std::uint32_t most_channels = 4096;

void append(std::vector<std::uint8_t>& bytes, const EntropyModel& entropy) {
    append_le(bytes, static_cast<std::uint8_t>(entropy.symbols));
    if (entropy.symbols == 0) return;
    for (int sum = 0; sum < 2 * entropy.symbols - 1; ++sum) {
        append_le(bytes, entropy.context_of[static_cast<std::size_t>(sum)]);
    }
    for (const SymbolTable& table : entropy.tables) {
        for (int s = 0; s < entropy.symbols; ++s) {
            append_le(bytes, table.frequency[static_cast<std::size_t>(s)]);
        }
    }
}

bool read(ByteReader& reader, std::uint32_t channels, EntropyModel& entropy) {
    entropy.symbols = reader.read<std::uint8_t>();
    if (entropy.symbols == 0) return !reader.failed();
    if (entropy.symbols != most_symbols) return false;
    for (int sum = 0; sum < 2 * entropy.symbols - 1; ++sum) {
        const auto context = reader.read<std::uint8_t>();
        if (context >= contexts) return false;
        entropy.context_of[static_cast<std::size_t>(sum)] = context;
    }
    for (std::uint32_t i = 0; i < channels * contexts; ++i) {
        SymbolTable table;
        for (int s = 0; s < entropy.symbols; ++s) {
            table.frequency[static_cast<std::size_t>(s)] = reader.read<std::uint16_t>();
        }
        if (reader.failed() || !complete(table, entropy.symbols)) return false;
        entropy.tables.push_back(table);
    }
    return true;
}

}  // namespace

bool read_scales(ByteReader& reader, int bits, TensorScales& scales) {
    const auto channels = reader.read<std::uint32_t>();
    if (channels == 0 || channels > most_channels) return false;
    for (std::uint32_t c = 0; c < channels; ++c) {
        scales.ranges.push_back({reader.read<float>(), reader.read<float>()});
    }
    if (!read(reader, channels, scales.entropy)) return false;
    const int levels = scales.entropy.symbols > 0 ? scales.entropy.symbols : 1 << bits;
    return std::ranges::all_of(scales.ranges, [levels](const ChannelRange& range) {
        const float top = range.low + range.step * static_cast<float>(levels - 1);
        return std::isfinite(range.low) && std::isfinite(top) && range.step > 0 &&
               std::isfinite(1.0F / range.step);
    });
}

void append_scales(std::vector<std::uint8_t>& bytes, const TensorScales& scales) {
    append_le(bytes, static_cast<std::uint32_t>(scales.ranges.size()));
    for (const ChannelRange& range : scales.ranges) {
        append_le(bytes, range.low);
        append_le(bytes, range.step);
    }
    append(bytes, scales.entropy);
}

std::uint64_t fnv1a(std::span<const std::uint8_t> bytes) {
    std::uint64_t hash = 14695981039346656037ULL;
    for (const std::uint8_t byte : bytes) hash = (hash ^ byte) * 1099511628211ULL;
    return hash;
}

std::uint64_t ScaleTable::id() const { return fnv1a(to_bytes(*this)); }

std::vector<std::uint8_t> to_bytes(const ScaleTable& table) {
    std::vector<std::uint8_t> bytes;
    append_le(bytes, static_cast<std::uint8_t>(table.bits));
    append_le(bytes, static_cast<std::uint32_t>(table.tensors.size()));
    for (const TensorScales& tensor : table.tensors) append_scales(bytes, tensor);
    return bytes;
}

std::optional<ScaleTable> parse_scale_table(std::span<const std::uint8_t> bytes) {
    ByteReader reader(bytes);
    ScaleTable table;
    table.bits = reader.read<std::uint8_t>();
    const auto tensors = reader.read<std::uint32_t>();
    if (table.bits < 1 || table.bits > 8 || tensors > most_tensors) return std::nullopt;
    for (std::uint32_t t = 0; t < tensors; ++t) {
        if (!read_scales(reader, table.bits, table.tensors.emplace_back())) return std::nullopt;
    }
    if (!reader.at_end()) return std::nullopt;
    return table;
}

}  // namespace caplamp::transport
