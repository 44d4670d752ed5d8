// SPDX-License-Identifier: Apache-2.0
#include "nn/weights.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <limits>
#include <random>

#include "core/error.hpp"
#include "nn/half.hpp"

namespace caplamp::nn {
namespace {

class WeightsFile : public ::testing::Test {
protected:
    void SetUp() override {
        const auto* info = ::testing::UnitTest::GetInstance()->current_test_info();
        folder_ = std::filesystem::temp_directory_path() /
                  (std::string("caplamp_weights_") + info->name() +
                   std::to_string(std::random_device{}()));
        std::filesystem::create_directories(folder_);
        file_ = folder_ / "w.safetensors";
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    void write(const std::string& bytes) const { std::ofstream(file_, std::ios::binary) << bytes; }

    void write_with_header(const std::string& header, const std::string& data) const {
        std::string bytes;
        for (std::size_t i = 0; i < 8; ++i)
            bytes += static_cast<char>(header.size() >> (8 * i) & 0xff);
        write(bytes + header + data);
    }

    std::string error() const {
        try {
            read_weights(file_);
        } catch (const Error& e) {
            const std::string message = e.what();
            EXPECT_TRUE(message.starts_with(file_.string() + ": ")) << message;
            return message.substr(file_.string().size() + 2);
        }
        return "no error";
    }

    std::string bytes() const {
        std::ifstream stream(file_, std::ios::binary);
        return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
    }

    std::filesystem::path folder_;
    std::filesystem::path file_;
};

Weights small_weights() {
    Weights weights;
    weights.arrays["a.weight"] = {{2, 1, 1, 2}, {1, -2, 0.5F, 4}};
    weights.arrays["b"] = {{3}, {0, 1e-3F, -65504}};
    weights.metadata["model"] = "tiny";
    return weights;
}

TEST_F(WeightsFile, ComesBackAsWritten) {
    const Weights before = small_weights();
    write_weights(file_, before, StorageType::f32);
    const Weights after = read_weights(file_);
    EXPECT_EQ(after.metadata, before.metadata);
    EXPECT_EQ(after.at("a.weight").shape, before.at("a.weight").shape);
    EXPECT_EQ(after.at("a.weight").values, before.at("a.weight").values);
    EXPECT_EQ(after.at("b").values, before.at("b").values);
    EXPECT_THROW(after.at("c"), Error);
}

TEST_F(WeightsFile, HalvesAreWithinHalfAnUlp) {
    const Weights before = small_weights();
    write_weights(file_, before, StorageType::f16);
    const Weights after = read_weights(file_);
    EXPECT_EQ(after.at("a.weight").values, before.at("a.weight").values);
    EXPECT_TRUE(std::abs(after.at("b").values[1] - 1e-3F) <= 1e-3F / 2048);
    EXPECT_EQ(after.at("b").values[2], -65504);
}

TEST_F(WeightsFile, EveryTruncationIsAnError) {
    write_weights(file_, small_weights(), StorageType::f16);
    const std::string whole = bytes();
    for (std::size_t length = 0; length < whole.size(); ++length) {
        write(whole.substr(0, length));
        EXPECT_NE(error(), "no error") << "cut to " << length << " bytes";
    }
}

TEST_F(WeightsFile, NoFlippedByteCrashesTheReader) {
    write_weights(file_, small_weights(), StorageType::f16);
    const std::string whole = bytes();
    for (std::size_t i = 0; i < whole.size(); ++i) {
        for (const int mask : {0x01, 0x80, 0xff}) {
            std::string hurt = whole;
            hurt[i] = static_cast<char>(hurt[i] ^ mask);
            write(hurt);
            error();  // an error with the file's name or other numbers, never a crash
        }
    }
}

TEST_F(WeightsFile, BelievesNoClaimOfAHostileHeader) {
    write(std::string("\xff\xff\xff\xff\xff\xff\xff\x7f{}", 10));
    EXPECT_NE(error().find("its header claims"), std::string::npos);
    write_with_header(
        R"({"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}})", "");
    EXPECT_EQ(error(), "a: its shape does not fit its bytes");
    write_with_header(R"({"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}})", "abcd");
    EXPECT_EQ(error(), "a: shape and data_offsets must be whole numbers");
    write_with_header(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}})", "abcd");
    EXPECT_NE(error().find("is cut short"), std::string::npos);
    write_with_header(R"({"a":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}})", "abcdefgh");
    EXPECT_EQ(error(), "a: type I64 is not a float type");
    write_with_header(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},)"
                      R"("b":{"dtype":"F32","shape":[1],"data_offsets":[2,6]}})",
                      "abcdef");
    EXPECT_EQ(error(), "b and a overlap");
    write_with_header(R"({"a":7})", "");
    EXPECT_NE(error().find("is not a safetensors file"), std::string::npos);
    write_with_header("not json", "");
    EXPECT_NE(error().find("is not a safetensors file"), std::string::npos);
}

TEST_F(WeightsFile, AMissingFileAndAFolderAreNamed) {
    EXPECT_EQ(error(), "cannot be read");
    file_ = folder_;
    EXPECT_EQ(error(), "is a folder, not a weights file");
}

TEST_F(WeightsFile, LeavesNothingBehindWhenItCannotWrite) {
    EXPECT_THROW(write_weights(folder_ / "no" / "w.safetensors", small_weights(), StorageType::f32),
                 Error);
    EXPECT_TRUE(std::filesystem::is_empty(folder_));
}

constexpr const char* tiny_table =
    "name: tiny\nclasses: [a]\n"
    "backbone: [{layer: 0, op: Conv, channels: 4, kernel: 3, stride: 2}]\n"
    "head: [{layer: 1, op: Detect, from: ['0'], strides: [2], box_channels: 4, class_channels: 4,"
    " reg_max: 4}]\n";

class CheckWeights : public ::testing::Test {
protected:
    CheckWeights() {
        for (const auto& [name, shape] : arrays_of(graph_)) {
            std::size_t count = 1;
            for (const int side : shape) count *= static_cast<std::size_t>(side);
            weights_.arrays[name] = {shape, std::vector<float>(count, 0.5F)};
        }
        weights_.metadata["model_hash"] = table_.hash();
    }
    std::string error() const {
        try {
            check_weights(weights_, graph_, table_, "w");
        } catch (const Error& e) {
            return e.what();
        }
        return "no error";
    }
    ModelTable table_ = ModelTable::parse(tiny_table, "tiny.yaml");
    Graph graph_ = build_graph(table_);
    Weights weights_;
};

TEST_F(CheckWeights, AcceptsWhatFits) { EXPECT_EQ(error(), "no error"); }

TEST_F(CheckWeights, RefusesTheHashOfAnotherModel) {
    weights_.metadata["model_hash"] = "0123456789abcdef";
    EXPECT_TRUE(error().starts_with("w: belongs to another model: its table has hash 0123"));
}

TEST_F(CheckWeights, RefusesMissingAndMisshapenArrays) {
    weights_.arrays["0.conv.weight"].shape = {4, 3, 3, 1};
    EXPECT_EQ(error(),
              "w: belongs to another model: 0.conv.weight has shape [4, 3, 3, 1], tiny "
              "needs [4, 3, 3, 3]");
    weights_.arrays.erase("0.bn.bias");
    EXPECT_EQ(error(), "w: belongs to another model: array 0.bn.bias is missing");
}

TEST_F(CheckWeights, RefusesNumbersThatAreNotFiniteAndNegativeVariances) {
    weights_.arrays["0.bn.running_var"].values[1] = -1;
    EXPECT_EQ(error(), "w: 0.bn.running_var holds a variance below 0");
    weights_.arrays["0.bn.bias"].values[3] = std::numeric_limits<float>::quiet_NaN();
    EXPECT_EQ(error(), "w: 0.bn.bias holds a number that is not finite");
}

TEST(Half, EveryPatternSurvivesTheRoundTrip) {
    for (std::uint32_t pattern = 0; pattern < 0x10000U; ++pattern) {
        const auto half = static_cast<std::uint16_t>(pattern);
        const float value = half_to_float(half);
        if (std::isnan(value)) {
            EXPECT_TRUE(std::isnan(half_to_float(float_to_half(value))));
        } else {
            EXPECT_EQ(float_to_half(value), half) << pattern;
        }
    }
}

TEST(Half, RoundsToTheNearestWithTiesToEven) {
    EXPECT_EQ(half_to_float(float_to_half(1 + 0x1p-11F)), 1);
    EXPECT_EQ(half_to_float(float_to_half(1 + 3 * 0x1p-11F)), 1 + 0x1p-9F);
    EXPECT_EQ(half_to_float(float_to_half(65519)), 65504);
    EXPECT_TRUE(std::isinf(half_to_float(float_to_half(65520))));
    EXPECT_EQ(half_to_float(float_to_half(0x1p-25F)), 0);
    EXPECT_EQ(half_to_float(float_to_half(0x1.8p-25F)), 0x1p-24F);
}

}  // namespace
}  // namespace caplamp::nn
