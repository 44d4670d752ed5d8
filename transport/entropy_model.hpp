// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "transport/code_planes.hpp"

namespace caplamp::transport {

/// Probabilities are counted in 4096ths, as rANS wants them.
inline constexpr int probability_bits = 12;
inline constexpr std::uint32_t probability_one = 1U << probability_bits;
inline constexpr int most_symbols = 16;
/// What is known about a code before it comes: how large its left and upper neighbours are.
inline constexpr int contexts = 4;

/// How often each symbol comes, in 4096ths; every symbol at least once, so that any picture can be
/// coded. `cumulative[s]` is the sum before s, 4096 from the last symbol on. `reciprocal[s]` stands
/// for the division by a frequency above 1 (Granlund and Montgomery 1994, fig. 4.1).
struct SymbolTable {
    std::array<std::uint16_t, most_symbols> frequency{};
    std::array<std::uint16_t, most_symbols> cumulative{};
    std::array<std::uint32_t, most_symbols> reciprocal{};

    /// state / frequency[symbol], for any state below 2^32.
    std::uint32_t quotient(std::uint32_t state, std::size_t symbol) const {
        const std::uint32_t frequency_less_one = frequency[symbol] - 1U;
        const int shift = 32 - std::countl_zero(frequency_less_one);
        const std::uint64_t high = std::uint64_t{state} * reciprocal[symbol] >> 32;
        return static_cast<std::uint32_t>((high + state) >> shift);
    }

    bool operator==(const SymbolTable&) const = default;
};

/// From counts of the first `symbols` symbols; nothing counted means all alike.
SymbolTable make_symbol_table(const std::array<std::uint64_t, most_symbols>& counts, int symbols);
/// Sets `cumulative` and `reciprocal`; false when the frequencies are not those of a table of
/// `symbols` symbols.
bool complete(SymbolTable& table, int symbols);

/// The static model of one tensor's codes: a table for each channel and context.
struct EntropyModel {
    int symbols = 0;  // 2 to 16
    /// The context of a code by the sum of its left and upper neighbours.
    std::array<std::uint8_t, 2 * most_symbols - 1> context_of{};
    std::vector<SymbolTable> tables;  // [channel * contexts + context]

    int channels() const { return static_cast<int>(tables.size()) / contexts; }
    const SymbolTable* of_channel(int channel) const {
        return tables.data() + static_cast<std::ptrdiff_t>(channel) * contexts;
    }
    bool operator==(const EntropyModel&) const = default;
};

/// Learns a model from calibration frames of one tensor, all with the same channels.
class EntropyModelBuilder {
public:
    EntropyModelBuilder(int channels, int symbols);
    void add(const CodePlanes& codes);
    /// Contexts are chosen so that each sees about the same number of codes, zeros apart.
    EntropyModel build() const;

private:
    int channels_;
    int symbols_;
    /// [channel][sum of neighbours][symbol]
    std::vector<std::array<std::uint64_t, most_symbols>> counts_;
};

}  // namespace caplamp::transport
