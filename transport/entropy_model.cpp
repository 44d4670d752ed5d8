// SPDX-License-Identifier: Apache-2.0
#include "transport/entropy_model.hpp"

#include <algorithm>
#include <cassert>
#include <numeric>

namespace caplamp::transport {
namespace {

using Counts = std::array<std::uint64_t, most_symbols>;

std::size_t sums_of(int symbols) { return 2 * static_cast<std::size_t>(symbols) - 1; }

/// Both neighbours zero is a context of its own, as that is where most codes of a rectified map
/// are; the other sums share the rest evenly.
std::array<std::uint8_t, 2 * most_symbols - 1> split_evenly(
    const std::vector<std::uint64_t>& seen) {
    std::array<std::uint8_t, 2 * most_symbols - 1> result{};
    const std::uint64_t rest = std::accumulate(seen.begin() + 1, seen.end(), std::uint64_t{0});
    std::uint64_t before = 0;
    for (std::size_t sum = 1; sum < seen.size(); ++sum) {
        const std::uint64_t middle = before + seen[sum] / 2;
        const std::uint64_t third = rest == 0 ? 0 : middle * (contexts - 1) / rest;
        result[sum] = static_cast<std::uint8_t>(1 + std::min<std::uint64_t>(third, contexts - 2));
        before += seen[sum];
    }
    return result;
}

/// What quotient() multiplies with, less 2^32.
std::uint32_t reciprocal_of(std::uint32_t frequency) {
    if (frequency <= 1) return 0;
    const int shift = 32 - std::countl_zero(frequency - 1);
    const std::uint64_t excess = (std::uint64_t{1} << shift) - frequency;
    return static_cast<std::uint32_t>((excess << 32) / frequency + 1);
}

}  // namespace

SymbolTable make_symbol_table(const Counts& counts, int symbols) {
    assert(symbols >= 2 && symbols <= most_symbols);
    const auto count = static_cast<std::size_t>(symbols);
    const std::uint64_t total =
        std::accumulate(counts.begin(), counts.begin() + symbols, std::uint64_t{0});
    SymbolTable table;
    std::uint32_t given = 0;
    for (std::size_t s = 0; s < count; ++s) {
        // One 4096th each is set aside; the rest follows the counts.
        const std::uint64_t spare = probability_one - count;
        const std::uint64_t share = total == 0 ? spare / count : counts[s] * spare / total;
        table.frequency[s] = static_cast<std::uint16_t>(1 + share);
        given += table.frequency[s];
    }
    // What rounding left over goes to the commonest.
    const auto largest = std::max_element(table.frequency.begin(), table.frequency.end());
    *largest = static_cast<std::uint16_t>(*largest + probability_one - given);
    complete(table, symbols);
    return table;
}

bool complete(SymbolTable& table, int symbols) {
    std::uint32_t sum = 0;
    for (std::size_t s = 0; s < most_symbols; ++s) {
        const bool used = s < static_cast<std::size_t>(symbols);
        if (used != (table.frequency[s] > 0)) return false;
        table.cumulative[s] = static_cast<std::uint16_t>(std::min(sum, probability_one));
        sum += table.frequency[s];
        table.reciprocal[s] = used ? reciprocal_of(table.frequency[s]) : 0;
    }
    return sum == probability_one;
}

EntropyModelBuilder::EntropyModelBuilder(int channels, int symbols)
    : channels_(channels),
      symbols_(symbols),
      counts_(static_cast<std::size_t>(channels) * sums_of(symbols)) {}

void EntropyModelBuilder::add(const CodePlanes& codes) {
    const Shape shape = codes.shape();
    assert(shape.channels == channels_);
    for (int c = 0; c < channels_; ++c) {
        Counts* const of_channel = &counts_[static_cast<std::size_t>(c) * sums_of(symbols_)];
        for (int y = 0; y < shape.height; ++y) {
            const std::uint8_t* const row = codes.row(c, y);
            const std::uint8_t* const above = row - codes.stride();
            for (int x = 0; x < shape.width; ++x) ++of_channel[row[x - 1] + above[x]][row[x]];
        }
    }
}

EntropyModel EntropyModelBuilder::build() const {
    const std::size_t sums = sums_of(symbols_);
    std::vector<std::uint64_t> seen(sums);
    for (std::size_t i = 0; i < counts_.size(); ++i) {
        seen[i % sums] += std::accumulate(counts_[i].begin(), counts_[i].end(), std::uint64_t{0});
    }
    EntropyModel model{.symbols = symbols_, .context_of = split_evenly(seen), .tables = {}};
    for (std::size_t c = 0; c < static_cast<std::size_t>(channels_); ++c) {
        std::array<Counts, contexts> merged{};
        for (std::size_t sum = 0; sum < sums; ++sum) {
            Counts& into = merged[model.context_of[sum]];
            const Counts& from = counts_[c * sums + sum];
            std::ranges::transform(into, from, into.begin(), std::plus<>());
        }
        for (const Counts& counts : merged) {
            model.tables.push_back(make_symbol_table(counts, symbols_));
        }
    }
    return model;
}

}  // namespace caplamp::transport
