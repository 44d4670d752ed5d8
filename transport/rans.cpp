// SPDX-License-Identifier: Apache-2.0
#include "transport/rans.hpp"

#include <array>
#include <cassert>
#include <cstddef>
#include <cstring>

#include "transport/bytes.hpp"

namespace caplamp::transport {
namespace {

constexpr std::size_t most_lanes = 8;
constexpr std::uint32_t least_state = 1U << 16;  // states stay in [least_state, 2^32)

/// Eight channels at a time while there are eight, then one by one.
template <class Visit>
bool for_each_group(int channels, Visit visit) {
    for (int first = 0; first < channels;) {
        const bool many = channels - first >= static_cast<int>(most_lanes);
        const bool going = many ? visit.template operator()<most_lanes>(first)
                                : visit.template operator()<1>(first);
        if (!going) return false;
        first += many ? static_cast<int>(most_lanes) : 1;
    }
    return true;
}

/// Writes the words of one group downwards from `end`; returns where they begin.
template <std::size_t lanes>
std::uint16_t* encode_group(const CodePlanes& codes, const EntropyModel& model, int first,
                            std::uint16_t* end, std::array<std::uint32_t, most_lanes>& states) {
    std::array<const SymbolTable*, lanes> tables{};
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        tables[lane] = model.of_channel(first + static_cast<int>(lane));
    }
    std::uint32_t state[lanes];
    for (std::uint32_t& s : state) s = least_state;
    std::uint16_t* words = end;
    const std::size_t plane = codes.plane();
    for (int y = codes.shape().height - 1; y >= 0; --y) {
        const std::uint8_t* const row = codes.row(first, y);
        for (int x = codes.shape().width - 1; x >= 0; --x) {
            for (std::size_t lane = lanes; lane-- > 0;) {
                const std::uint8_t* const at = row + lane * plane + x;
                const auto sum = static_cast<std::size_t>(
                    at[-1] + at[-static_cast<std::ptrdiff_t>(codes.stride())]);
                const SymbolTable& table = tables[lane][model.context_of[sum]];
                const std::uint32_t frequency = table.frequency[*at];
                std::uint32_t s = state[lane];
                if (s >> (32 - probability_bits) >= frequency) {
                    *--words = static_cast<std::uint16_t>(s);
                    s >>= 16;
                }
                const std::uint32_t quotient = table.quotient(s, *at);
                state[lane] = (quotient << probability_bits) + (s - quotient * frequency) +
                              table.cumulative[*at];
            }
        }
    }
    for (std::size_t lane = 0; lane < lanes; ++lane) states[lane] = state[lane];
    return words;
}

/// What is left to read of a group's words.
struct Words {
    const std::uint8_t* next = nullptr;
    const std::uint8_t* end = nullptr;
};

template <std::size_t lanes>
bool decode_group(const EntropyModel& model, int first,
                  std::array<std::uint32_t, most_lanes>& states, Words& words, CodePlanes& codes) {
    std::array<const SymbolTable*, lanes> tables{};
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        tables[lane] = model.of_channel(first + static_cast<int>(lane));
    }
    std::uint32_t state[lanes];
    for (std::size_t lane = 0; lane < lanes; ++lane) state[lane] = states[lane];
    const std::size_t plane = codes.plane();
    for (int y = 0; y < codes.shape().height; ++y) {
        std::uint8_t* const row = codes.row(first, y);
        for (int x = 0; x < codes.shape().width; ++x) {
            for (std::size_t lane = 0; lane < lanes; ++lane) {
                std::uint8_t* const at = row + lane * plane + x;
                const auto sum = static_cast<std::size_t>(
                    at[-1] + at[-static_cast<std::ptrdiff_t>(codes.stride())]);
                const SymbolTable& table = tables[lane][model.context_of[sum]];
                std::uint32_t s = state[lane];
                const std::uint32_t slot = s & (probability_one - 1);
                int begun = 0;
                for (const std::uint16_t begin : table.cumulative) begun += begin <= slot;
                const auto symbol = static_cast<std::size_t>(begun - 1);
                *at = static_cast<std::uint8_t>(symbol);
                s = table.frequency[symbol] * (s >> probability_bits) + slot -
                    table.cumulative[symbol];
                if (s < least_state) {
                    if (words.next == words.end) return false;
                    s = s << 16 | load_le<std::uint16_t>(words.next);
                    words.next += sizeof(std::uint16_t);
                }
                state[lane] = s;
            }
        }
    }
    for (const std::uint32_t s : state) {
        if (s != least_state) return false;
    }
    return words.next == words.end;
}

void append_words(std::vector<std::uint8_t>& bytes, std::span<const std::uint16_t> words) {
    const std::size_t before = bytes.size();
    bytes.resize(before + words.size_bytes());
    std::memcpy(bytes.data() + before, words.data(), words.size_bytes());
}

}  // namespace

void RansEncoder::encode(const CodePlanes& codes, const EntropyModel& model,
                         std::vector<std::uint8_t>& into) {
    const Shape shape = codes.shape();
    assert(model.channels() == shape.channels);
    // A symbol takes at most 12 bits, so a word each is more than enough.
    words_.resize(shape.plane() * most_lanes);
    for_each_group(shape.channels, [&]<std::size_t lanes>(int first) {
        std::array<std::uint32_t, most_lanes> states{};
        std::uint16_t* const end = words_.data() + words_.size();
        std::uint16_t* const begin = encode_group<lanes>(codes, model, first, end, states);
        append_le(into, static_cast<std::uint32_t>(end - begin));
        for (std::size_t lane = 0; lane < lanes; ++lane) append_le(into, states[lane]);
        append_words(into, {begin, end});
        return true;
    });
}

bool rans_decode(std::span<const std::uint8_t> bytes, const EntropyModel& model,
                 CodePlanes& codes) {
    if (model.channels() != codes.shape().channels) return false;
    ByteReader reader(bytes);
    const bool whole = for_each_group(codes.shape().channels, [&]<std::size_t lanes>(int first) {
        const auto count = reader.read<std::uint32_t>();
        std::array<std::uint32_t, most_lanes> states{};
        for (std::size_t lane = 0; lane < lanes; ++lane) {
            states[lane] = reader.read<std::uint32_t>();
        }
        const std::span<const std::uint8_t> block = reader.take(std::size_t{2} * count);
        if (reader.failed()) return false;
        Words words{block.data(), block.data() + block.size()};
        return decode_group<lanes>(model, first, states, words, codes);
    });
    return whole && reader.at_end();
}

}  // namespace caplamp::transport
