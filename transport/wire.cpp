// SPDX-License-Identifier: Apache-2.0
#include "transport/wire.hpp"

#include <xxhash.h>

#include <cmath>
#include <type_traits>
#include <utility>

#include "transport/wire_generated.h"

namespace caplamp::transport {
namespace {

using flatbuffers::FlatBufferBuilder;
using Union = flatbuffers::Offset<void>;

// Lists longer than these are an attack or a mistake.
constexpr std::size_t most_words = 256;
constexpr std::size_t most_letters = 1024;
constexpr std::size_t most_tensors = 16;
constexpr std::size_t most_found = 10000;

// --- writing

Union write(FlatBufferBuilder& to, const Hello& m) {
    return wire::CreateHello(to, m.protocol, to.CreateString(m.software), m.terminal,
                             to.CreateString(m.model), to.CreateVectorOfStrings(m.classes),
                             to.CreateVectorOfStrings(m.cuts), to.CreateVectorOfStrings(m.codecs))
        .Union();
}

Union write(FlatBufferBuilder& to, const Welcome& m) {
    return wire::CreateWelcome(to, m.protocol, to.CreateString(m.software), m.credits,
                               m.largest_message, to.CreateVectorOfStrings(m.cuts),
                               to.CreateVectorOfStrings(m.codecs))
        .Union();
}

Union write(FlatBufferBuilder& to, const Refusal& m) {
    return wire::CreateRefusal(to, to.CreateString(m.reason)).Union();
}

Union write(FlatBufferBuilder& to, const Scales& m) {
    return wire::CreateScales(to, to.CreateVector(m.table)).Union();
}

Union write(FlatBufferBuilder& to, const Plan& m) {
    return wire::CreatePlan(to, m.id, to.CreateString(m.cut), to.CreateString(m.codec), m.scales,
                            m.score, m.iou, m.max_boxes)
        .Union();
}

Union write(FlatBufferBuilder& to, const FrameHeader& m) {
    std::vector<flatbuffers::Offset<wire::Tensor>> tensors;
    for (const TensorHeader& t : m.tensors) {
        tensors.push_back(wire::CreateTensor(
            to, t.value, static_cast<std::uint16_t>(t.shape.channels),
            static_cast<std::uint16_t>(t.shape.height), static_cast<std::uint16_t>(t.shape.width),
            static_cast<wire::Number>(t.codec.number), static_cast<std::uint8_t>(t.codec.bits),
            static_cast<wire::Stage>(t.codec.stage), t.checksum));
    }
    return wire::CreateFrame(to, m.plan, m.camera, m.sequence, m.captured_ns, m.picture_width,
                             m.picture_height, m.input_width, m.input_height,
                             to.CreateVector(tensors))
        .Union();
}

Union write(FlatBufferBuilder& to, const Result& m) {
    std::vector<wire::Found> found;
    for (const Detection& d : m.detections) {
        found.emplace_back(d.box.x, d.box.y, d.box.width, d.box.height, d.score,
                           static_cast<std::uint16_t>(d.class_id));
    }
    return wire::CreateResult(to, m.plan, m.camera, m.sequence, static_cast<wire::Status>(m.status),
                              to.CreateString(m.reason), m.queue_us, m.compute_us, m.credits,
                              to.CreateVectorOfStructs(found))
        .Union();
}

Union write(FlatBufferBuilder& to, const Ping& m) {
    return wire::CreatePing(to, m.sent_ns).Union();
}
Union write(FlatBufferBuilder& to, const Pong& m) {
    return wire::CreatePong(to, m.sent_ns).Union();
}

Union write(FlatBufferBuilder& to, const Goodbye& m) {
    return wire::CreateGoodbye(to, to.CreateString(m.reason)).Union();
}

// --- reading: each returns false for a value that cannot be

bool read(const flatbuffers::String* from, std::string& into) {
    if (from == nullptr) return true;
    if (from->size() > most_letters) return false;
    into = from->str();
    return true;
}

bool read(const flatbuffers::Vector<flatbuffers::Offset<flatbuffers::String>>* from,
          std::vector<std::string>& into) {
    if (from == nullptr) return true;
    if (from->size() > most_words) return false;
    for (const flatbuffers::String* word : *from) {
        if (!read(word, into.emplace_back())) return false;
    }
    return true;
}

bool read(const wire::Hello& m, Hello& into) {
    into.protocol = m.protocol();
    into.terminal = m.terminal();
    return read(m.software(), into.software) && read(m.model(), into.model) &&
           read(m.classes(), into.classes) && read(m.cuts(), into.cuts) &&
           read(m.codecs(), into.codecs);
}

bool read(const wire::Welcome& m, Welcome& into) {
    into.protocol = m.protocol();
    into.credits = m.credits();
    into.largest_message = m.largest_message();
    return read(m.software(), into.software) && read(m.cuts(), into.cuts) &&
           read(m.codecs(), into.codecs);
}

bool read(const wire::Refusal& m, Refusal& into) { return read(m.reason(), into.reason); }

bool read(const wire::Scales& m, Scales& into) {
    if (m.table() == nullptr) return false;
    into.table.assign(m.table()->begin(), m.table()->end());
    return true;
}

bool is_share(float value) { return value >= 0 && value <= 1; }

bool read(const wire::Plan& m, Plan& into) {
    into.id = m.id();
    into.scales = m.scales();
    into.score = m.score();
    into.iou = m.iou();
    into.max_boxes = m.max_boxes();
    return is_share(into.score) && is_share(into.iou) && into.max_boxes <= most_found &&
           read(m.cut(), into.cut) && read(m.codec(), into.codec);
}

bool read(const wire::Tensor& m, TensorHeader& into) {
    into = {.value = m.value(),
            .shape = {m.channels(), m.height(), m.width()},
            .codec = {static_cast<Number>(m.number()), m.bits(), static_cast<Stage>(m.stage())},
            .checksum = m.checksum()};
    // Only codecs that there are: an enum from the network may hold anything.
    return into.shape.size() > 0 && parse_codec(to_string(into.codec)) == into.codec;
}

bool read(const wire::Frame& m, FrameHeader& into) {
    into.plan = m.plan();
    into.camera = m.camera();
    into.sequence = m.sequence();
    into.captured_ns = m.captured_ns();
    into.picture_width = m.picture_width();
    into.picture_height = m.picture_height();
    into.input_width = m.input_width();
    into.input_height = m.input_height();
    if (m.tensors() == nullptr) return true;
    if (m.tensors()->size() > most_tensors) return false;
    for (const wire::Tensor* tensor : *m.tensors()) {
        if (!read(*tensor, into.tensors.emplace_back())) return false;
    }
    return true;
}

bool read(const wire::Found& m, Detection& into) {
    into = {
        .class_id = m.class_id(), .score = m.score(), .box = {m.x(), m.y(), m.width(), m.height()}};
    const Box& box = into.box;
    return std::isfinite(box.x) && std::isfinite(box.y) && std::isfinite(box.width) &&
           std::isfinite(box.height) && is_share(into.score);
}

bool read(const wire::Result& m, Result& into) {
    if (m.status() > wire::Status_MAX) return false;
    into.plan = m.plan();
    into.camera = m.camera();
    into.sequence = m.sequence();
    into.status = static_cast<Status>(m.status());
    into.queue_us = m.queue_us();
    into.compute_us = m.compute_us();
    into.credits = m.credits();
    if (!read(m.reason(), into.reason)) return false;
    if (m.found() == nullptr) return true;
    if (m.found()->size() > most_found) return false;
    for (const wire::Found* found : *m.found()) {
        if (!read(*found, into.detections.emplace_back())) return false;
    }
    return true;
}

bool read(const wire::Ping& m, Ping& into) {
    into.sent_ns = m.sent_ns();
    return true;
}

bool read(const wire::Pong& m, Pong& into) {
    into.sent_ns = m.sent_ns();
    return true;
}

bool read(const wire::Goodbye& m, Goodbye& into) { return read(m.reason(), into.reason); }

template <class T, class Table>
std::optional<Message> read_as(const Table* table) {
    T result;
    if (table == nullptr || !read(*table, result)) return std::nullopt;
    return result;
}

wire::Body body_type(const Message& message) {
    // The union's members have the variant's order, after NONE.
    return static_cast<wire::Body>(message.index() + 1);
}

}  // namespace

std::string_view to_string(Status status) {
    switch (status) {
        case Status::ok:
            return "ok";
        case Status::late:
            return "late";
        case Status::dropped:
            return "dropped";
        case Status::degraded:
            return "degraded";
        case Status::unknown:
            return "unknown";
    }
    return "unknown";
}

std::vector<std::uint8_t> to_bytes(const Message& message) {
    static_assert(std::variant_size_v<Message> == wire::Body_MAX);
    FlatBufferBuilder builder(512);
    const Union body = std::visit([&](const auto& m) { return write(builder, m); }, message);
    builder.Finish(wire::CreateMessage(builder, body_type(message), body),
                   wire::MessageIdentifier());
    return {builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize()};
}

std::optional<Message> parse_message(std::span<const std::uint8_t> bytes) {
    std::vector<std::uint8_t> aligned;  // ZeroMQ hands out any address, FlatBuffers wants words
    if (reinterpret_cast<std::uintptr_t>(bytes.data()) % alignof(std::uint64_t) != 0) {
        aligned.assign(bytes.begin(), bytes.end());
        bytes = aligned;
    }
    flatbuffers::Verifier verifier(bytes.data(), bytes.size(), 8, 100000);
    if (!wire::VerifyMessageBuffer(verifier)) return std::nullopt;
    const wire::Message* message = wire::GetMessage(bytes.data());
    switch (message->body_type()) {
        case wire::Body_Hello:
            return read_as<Hello>(message->body_as_Hello());
        case wire::Body_Welcome:
            return read_as<Welcome>(message->body_as_Welcome());
        case wire::Body_Refusal:
            return read_as<Refusal>(message->body_as_Refusal());
        case wire::Body_Scales:
            return read_as<Scales>(message->body_as_Scales());
        case wire::Body_Plan:
            return read_as<Plan>(message->body_as_Plan());
        case wire::Body_Frame:
            return read_as<FrameHeader>(message->body_as_Frame());
        case wire::Body_Result:
            return read_as<Result>(message->body_as_Result());
        case wire::Body_Ping:
            return read_as<Ping>(message->body_as_Ping());
        case wire::Body_Pong:
            return read_as<Pong>(message->body_as_Pong());
        case wire::Body_Goodbye:
            return read_as<Goodbye>(message->body_as_Goodbye());
        default:
            return std::nullopt;
    }
}

std::uint64_t checksum(std::span<const std::uint8_t> bytes) {
    return XXH3_64bits(bytes.data(), bytes.size());
}

}  // namespace caplamp::transport
