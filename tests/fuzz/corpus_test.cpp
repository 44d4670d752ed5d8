// SPDX-License-Identifier: Apache-2.0
// What the fuzzers started from and what they found, in the ordinary build.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "tests/fuzz/targets.hpp"

namespace caplamp::test {
namespace {

namespace fs = std::filesystem;
using Bytes = std::vector<std::uint8_t>;
using Target = bool (*)(std::span<const std::uint8_t>);

struct Seed {
    std::string name;
    Bytes bytes;
};

std::vector<Seed> corpus(const std::string& name) {
    std::vector<Seed> seeds;
    for (const auto& entry : fs::directory_iterator(fs::path("tests/fuzz/corpus") / name)) {
        std::ifstream stream(entry.path(), std::ios::binary);
        seeds.push_back(
            {entry.path().filename().string(), Bytes(std::istreambuf_iterator<char>(stream), {})});
    }
    std::ranges::sort(seeds, {}, &Seed::name);
    return seeds;
}

/// Cut anywhere, and with random bytes changed.
void damage(const Seed& seed, Target target) {
    for (std::size_t size = 0; size < seed.bytes.size(); ++size) {
        EXPECT_NO_THROW(target({seed.bytes.data(), size})) << seed.name << " cut at " << size;
    }
    std::mt19937 random(1);
    for (int round = 0; round < 200; ++round) {
        Bytes bytes = seed.bytes;
        for (int i = 0; i < 3; ++i) {
            bytes[random() % bytes.size()] = static_cast<std::uint8_t>(random());
        }
        EXPECT_NO_THROW(target(bytes)) << seed.name << " damaged, round " << round;
    }
}

void replay(const std::string& folder, Target target) {
    const std::vector<Seed> seeds = corpus(folder);
    ASSERT_FALSE(seeds.empty());
    for (const Seed& seed : seeds) {
        ASSERT_FALSE(seed.bytes.empty()) << seed.name;
        EXPECT_NO_THROW(target(seed.bytes)) << seed.name;
        damage(seed, target);
    }
}

TEST(Corpus, OfMessagesIsSurvived) { replay("message", try_message); }

TEST(Corpus, OfScaleTablesIsSurvived) { replay("scale_table", try_scale_table); }

TEST(Corpus, OfTensorsIsSurvived) { replay("decoder", try_decoder); }

TEST(Corpus, ReachesWhatIsBehindTheChecks) {
    // Seeds that the parsers take: from there the fuzzers reach the rest.
    const auto accepted = [](const std::string& folder, Target target) {
        const std::vector<Seed> seeds = corpus(folder);
        return std::ranges::count_if(seeds, [&](const Seed& s) { return target(s.bytes); });
    };
    EXPECT_GE(accepted("message", try_message), 10);
    EXPECT_GE(accepted("scale_table", try_scale_table), 16);
    EXPECT_GE(accepted("decoder", try_decoder), 42);
}

TEST(Corpus, IsSmallEnoughToBeKept) {
    std::size_t files = 0;
    std::uintmax_t bytes = 0;
    for (const auto& entry : fs::recursive_directory_iterator("tests/fuzz/corpus")) {
        if (!entry.is_regular_file()) continue;
        ++files;
        bytes += entry.file_size();
    }
    EXPECT_LE(files, 200U);
    EXPECT_LE(bytes, 300'000U);
}

}  // namespace
}  // namespace caplamp::test
