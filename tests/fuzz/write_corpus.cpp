// SPDX-License-Identifier: Apache-2.0
// Writes the seeds of tests/fuzz/corpus: one of each message, scale tables and tensors of every
// codec. Run by hand when the formats change: `write_corpus tests/fuzz/corpus`.
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include "core/tensor.hpp"
#include "tests/transport/feature_maps.hpp"
#include "transport/codec.hpp"
#include "transport/scale_table.hpp"
#include "transport/wire.hpp"

namespace caplamp::test {
namespace {

using namespace transport;
namespace fs = std::filesystem;
using Bytes = std::vector<std::uint8_t>;

void write(const fs::path& file, const Bytes& bytes) {
    fs::create_directories(file.parent_path());
    std::ofstream stream(file, std::ios::binary);
    stream.write(reinterpret_cast<const char*>(bytes.data()),
                 static_cast<std::streamsize>(bytes.size()));
    if (!stream) throw std::runtime_error(file.string() + ": cannot be written");
}

ScaleTable table_of(const std::vector<Tensor>& tensors, const Codec& codec) {
    ScaleTable table{.bits = codec.bits, .tensors = {}};
    for (const Tensor& tensor : tensors) table.tensors.push_back(scales_of({tensor}, codec));
    return table;
}

void write_messages(const fs::path& folder) {
    const FrameHeader frame{
        .plan = 9,
        .camera = 1,
        .sequence = 77,
        .captured_ns = 5,
        .picture_width = 640,
        .picture_height = 400,
        .input_width = 640,
        .input_height = 416,
        .tensors = {{.value = 12, .shape = {64, 48, 80}, .codec = *parse_codec("q4+rans")},
                    {.value = 20, .shape = {1, 1, 1}, .codec = *parse_codec("f32")}}};
    const Result result{.plan = 3,
                        .status = Status::late,
                        .reason = "queue",
                        .credits = 1,
                        .detections = {{.class_id = 1, .score = 0.5F, .box = {1, 2, 3, 4}}}};
    const std::vector<Message> all{
        Hello{.software = "x", .model = "m", .classes = {"a"}, .cuts = {"3"}, .codecs = {"f32"}},
        Welcome{.software = "x", .credits = 4, .cuts = {"3"}, .codecs = {"q8"}},
        Refusal{"another model"},
        Scales{to_bytes(table_of({random_map({1, 2, 2}, 1)}, *parse_codec("q2")))},
        Plan{.id = 5, .cut = "4-5", .codec = "q8", .scales = 99},
        frame,
        result,
        Ping{-1},
        Pong{12},
        Goodbye{"done"}};
    for (const Message& message : all) {
        write(folder / ("body" + std::to_string(message.index())), to_bytes(message));
    }
}

void write_scale_tables(const fs::path& folder) {
    for (const Codec& codec : all_codecs()) {
        if (!codec.needs_scales() || codec.stage == Stage::zstd) continue;
        const ScaleTable one = table_of({rectified_map({1, 4, 4}, 1)}, codec);
        write(folder / ("one_" + to_string(codec)), to_bytes(one));
        const ScaleTable two =
            table_of({rectified_map({3, 4, 4}, 1), random_map({2, 3, 5}, 2)}, codec);
        write(folder / ("two_" + to_string(codec)), to_bytes(two));
    }
}

/// The input of try_decoder() with a scale table of its own; its length is a multiple of 16.
Bytes decoder_input(int codec_index, Shape shape, const Bytes& table, const Bytes& part) {
    Bytes bytes{
        static_cast<std::uint8_t>(codec_index), static_cast<std::uint8_t>(shape.channels - 1),
        static_cast<std::uint8_t>(shape.height - 1), static_cast<std::uint8_t>(shape.width - 1),
        static_cast<std::uint8_t>(table.size() / 16)};
    bytes.insert(bytes.end(), table.begin(), table.end());
    bytes.insert(bytes.end(), part.begin(), part.end());
    return bytes;
}

/// A second tensor of as many channels as make the table's length a multiple of 16, if any do.
Bytes table_of_16s(const Tensor& tensor, const Codec& codec) {
    for (int more = 0; more < 16; ++more) {
        ScaleTable table = table_of({tensor}, codec);
        for (int i = 0; i < more; ++i) {
            // 4 + 8 + 1 bytes each: some number of them makes it come out even.
            table.tensors.push_back({.ranges = {{0, 1}}, .entropy = {}});
        }
        Bytes bytes = to_bytes(table);
        if (bytes.size() % 16 == 0) return bytes;
    }
    return {};
}

void write_tensors(const fs::path& folder) {
    const std::vector<Codec> codecs = all_codecs();
    for (std::size_t i = 0; i < codecs.size(); ++i) {
        const Codec codec = codecs[i];
        for (const Shape& shape : {Shape{1, 3, 5}, Shape{9, 4, 3}}) {
            const Tensor tensor = rectified_map(shape, 3);
            std::string name = to_string(codec) + "_" + std::to_string(shape.channels);
            Bytes table = codec.needs_scales() ? table_of_16s(tensor, codec) : Bytes{};
            if (table.size() / 16 > 255) continue;
            const std::optional<ScaleTable> scales = parse_scale_table(table);
            if (codec.needs_scales() && !scales) continue;
            Bytes part;
            Encoder encoder;
            if (!encoder.encode(tensor.view(), codec, scales ? &scales->tensors[0] : nullptr,
                                part)) {
                throw std::logic_error(name + ": cannot be encoded");
            }
            write(folder / name, decoder_input(static_cast<int>(i), shape, table, part));
        }
    }
}

}  // namespace
}  // namespace caplamp::test

int main(int count, char** words) try {
    if (count != 2) {
        std::cerr << "usage: write_corpus FOLDER\n";
        return 2;
    }
    const std::filesystem::path folder = words[1];
    caplamp::test::write_messages(folder / "message");
    caplamp::test::write_scale_tables(folder / "scale_table");
    caplamp::test::write_tensors(folder / "decoder");
    return 0;
} catch (const std::exception& e) {
    std::cerr << e.what() << "\n";
    return 2;
}
