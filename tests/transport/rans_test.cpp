// SPDX-License-Identifier: Apache-2.0
#include "transport/rans.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace caplamp::transport {
namespace {

/// Symbols that follow their left neighbour more often than not.
CodePlanes random_codes(Shape shape, int symbols, unsigned seed) {
    std::mt19937 engine(seed);
    CodePlanes codes;
    codes.reset(shape);
    std::geometric_distribution<int> small(0.5);
    std::bernoulli_distribution follows(0.7);
    for (int c = 0; c < shape.channels; ++c) {
        for (int y = 0; y < shape.height; ++y) {
            std::uint8_t* const row = codes.row(c, y);
            for (int x = 0; x < shape.width; ++x) {
                const int fresh = std::min(small(engine), symbols - 1);
                row[x] = follows(engine) ? row[x - 1] : static_cast<std::uint8_t>(fresh);
            }
        }
    }
    return codes;
}

EntropyModel model_of(const CodePlanes& codes, int symbols) {
    EntropyModelBuilder builder(codes.shape().channels, symbols);
    builder.add(codes);
    return builder.build();
}

std::vector<std::uint8_t> encoded(const CodePlanes& codes, const EntropyModel& model) {
    std::vector<std::uint8_t> bytes;
    RansEncoder().encode(codes, model, bytes);
    return bytes;
}

bool alike(const CodePlanes& a, const CodePlanes& b) {
    for (int c = 0; c < a.shape().channels; ++c) {
        for (int y = 0; y < a.shape().height; ++y) {
            if (!std::equal(a.row(c, y), a.row(c, y) + a.shape().width, b.row(c, y))) return false;
        }
    }
    return true;
}

TEST(Rans, GivesBackEveryCodeOfAnyShape) {
    unsigned seed = 0;
    for (const Shape& shape : {Shape{1, 1, 1}, Shape{8, 3, 5}, Shape{9, 1, 7}, Shape{7, 6, 1},
                               Shape{24, 11, 13}, Shape{17, 20, 26}}) {
        for (const int symbols : {2, 3, 8, 16}) {
            const CodePlanes codes = random_codes(shape, symbols, ++seed);
            const EntropyModel model = model_of(codes, symbols);
            CodePlanes result;
            result.reset(shape);
            ASSERT_TRUE(rans_decode(encoded(codes, model), model, result)) << seed;
            EXPECT_TRUE(alike(codes, result)) << seed;
        }
    }
}

TEST(Rans, CodesWhatTheCalibrationNeverSaw) {
    const Shape shape{8, 4, 6};
    const EntropyModel model = model_of(random_codes(shape, 2, 1), 16);  // only codes 0 and 1
    const CodePlanes codes = random_codes(shape, 16, 2);
    CodePlanes result;
    result.reset(shape);
    ASSERT_TRUE(rans_decode(encoded(codes, model), model, result));
    EXPECT_TRUE(alike(codes, result));
}

/// Bits that an ideal coder with this model needs.
double ideal_bits(const CodePlanes& codes, const EntropyModel& model) {
    double bits = 0;
    for (int c = 0; c < codes.shape().channels; ++c) {
        for (int y = 0; y < codes.shape().height; ++y) {
            const std::uint8_t* const row = codes.row(c, y);
            const std::uint8_t* const above = row - codes.stride();
            for (int x = 0; x < codes.shape().width; ++x) {
                const std::uint8_t context = model.context_of[row[x - 1] + above[x]];
                const double share = model.of_channel(c)[context].frequency[row[x]] / 4096.0;
                bits -= std::log2(share);
            }
        }
    }
    return bits;
}

TEST(Rans, ComesWithinThreePercentOfTheEntropy) {
    const CodePlanes codes = random_codes({64, 40, 40}, 16, 3);
    const EntropyModel model = model_of(codes, 16);
    const double bits = 8.0 * static_cast<double>(encoded(codes, model).size());
    const double ideal = ideal_bits(codes, model);
    EXPECT_GE(bits, ideal);
    EXPECT_LE(bits, 1.03 * ideal);
}

TEST(Rans, NeighboursHelp) {
    const CodePlanes codes = random_codes({16, 40, 40}, 16, 3);
    EntropyModel model = model_of(codes, 16);
    const std::size_t with = encoded(codes, model).size();
    EntropyModel blind = model;
    blind.context_of.fill(0);
    for (int c = 0; c < 16; ++c) {
        std::array<std::uint64_t, most_symbols> counts{};
        for (int y = 0; y < 40; ++y) {
            for (int x = 0; x < 40; ++x) ++counts[codes.row(c, y)[x]];
        }
        blind.tables[static_cast<std::size_t>(c) * contexts] = make_symbol_table(counts, 16);
    }
    EXPECT_LT(static_cast<double>(with), 0.9 * static_cast<double>(encoded(codes, blind).size()));
}

TEST(Rans, RefusesBytesThatAreCutOrChanged) {
    const Shape shape{9, 5, 7};
    const CodePlanes codes = random_codes(shape, 16, 4);
    const EntropyModel model = model_of(codes, 16);
    const std::vector<std::uint8_t> whole = encoded(codes, model);
    CodePlanes result;
    result.reset(shape);
    for (std::size_t size = 0; size < whole.size(); ++size) {
        EXPECT_FALSE(rans_decode({whole.data(), size}, model, result)) << size;
    }
    std::vector<std::uint8_t> longer = whole;
    longer.push_back(0);
    EXPECT_FALSE(rans_decode(longer, model, result));
    for (std::size_t i = 0; i < whole.size(); ++i) {
        std::vector<std::uint8_t> changed = whole;
        changed[i] ^= 0x40;
        EXPECT_FALSE(rans_decode(changed, model, result)) << i;
    }
}

TEST(SymbolTables, ComeFromAnyCounts) {
    std::array<std::uint64_t, most_symbols> counts{};
    for (const int symbols : {2, 5, 16}) {
        for (const std::uint64_t first : {0ULL, 1ULL, 1ULL << 50}) {
            counts[0] = first;
            SymbolTable table = make_symbol_table(counts, symbols);
            EXPECT_TRUE(complete(table, symbols)) << symbols << ' ' << first;
        }
    }
}

TEST(SymbolTables, AreRefusedWhenTheyDoNotAddUp) {
    SymbolTable table = make_symbol_table({5, 3, 1, 1}, 4);
    table.frequency[1] = static_cast<std::uint16_t>(table.frequency[1] + 1);
    EXPECT_FALSE(complete(table, 4));
    table = make_symbol_table({5, 3, 1, 1}, 4);
    EXPECT_FALSE(complete(table, 3));
    EXPECT_FALSE(complete(table, 5));
}

TEST(SymbolTable, DividesLikeTheProcessor) {
    std::mt19937 engine(1);
    for (std::uint32_t frequency = 1; frequency < 4096; ++frequency) {
        SymbolTable table;
        table.frequency[0] = static_cast<std::uint16_t>(frequency);
        table.frequency[1] = static_cast<std::uint16_t>(4096 - frequency);
        ASSERT_TRUE(complete(table, 2));
        for (const std::uint32_t state :
             {0xffffffffU, 0xfffff000U, frequency * 1048575U, frequency * 1048575U - 1, frequency,
              frequency - 1, static_cast<std::uint32_t>(engine())}) {
            ASSERT_EQ(table.quotient(state, 0), state / frequency) << state << ' ' << frequency;
        }
    }
}

}  // namespace
}  // namespace caplamp::transport
