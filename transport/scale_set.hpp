// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "transport/codec.hpp"
#include "transport/scale_table.hpp"

namespace caplamp::transport {

/// What `caplamp calibrate` learns about one model: the scales of its values at several numbers of
/// bits. A value is quantised alike whichever cut it crosses.
struct ScaleSet {
    struct Key {
        std::uint32_t value = 0;  // of the graph
        int bits = 8;
        bool entropy = false;  // for rANS
        auto operator<=>(const Key&) const = default;
    };
    std::string model;  // its id: scales of other weights would be wrong without a sign
    std::map<Key, TensorScales> scales;

    /// What a codec wants at a cut, whose live values these are; nothing when one is missing.
    std::optional<ScaleTable> table(std::span<const int> values, const Codec& codec) const;
    bool operator==(const ScaleSet&) const = default;
};

/// The bytes of a scales file; docs/wire-format.md.
std::vector<std::uint8_t> to_bytes(const ScaleSet& set);
/// Nothing when the bytes are no such file, or damaged.
std::optional<ScaleSet> parse_scale_set(std::span<const std::uint8_t> bytes);

}  // namespace caplamp::transport
