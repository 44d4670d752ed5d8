// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "core/detection.hpp"
#include "core/tensor.hpp"
#include "transport/codec.hpp"

/// The words of docs/wire-format.md. Every struct is part 0 of a ZeroMQ message.
namespace caplamp::transport {

inline constexpr std::uint16_t protocol_version = 1;

/// The first word of a terminal.
struct Hello {
    std::uint16_t protocol = protocol_version;
    std::string software{};
    std::uint64_t terminal = 0;  // random, new at every start
    std::string model{};         // a hash of table and weights
    std::vector<std::string> classes{};
    std::vector<std::string> cuts{};
    std::vector<std::string> codecs{};
    bool operator==(const Hello&) const = default;
};

/// The server takes the terminal.
struct Welcome {
    std::uint16_t protocol = protocol_version;
    std::string software{};
    std::uint16_t credits = 0;          // frames each camera may have on the way
    std::uint32_t largest_message = 0;  // bytes
    std::vector<std::string> cuts{};
    std::vector<std::string> codecs{};
    bool operator==(const Welcome&) const = default;
};

/// The server does not, or not this frame; the connection stays open.
struct Refusal {
    std::string reason{};
    bool operator==(const Refusal&) const = default;
};

/// A scale table that later plans name.
struct Scales {
    std::vector<std::uint8_t> table{};
    bool operator==(const Scales&) const = default;
};

/// How the frames that name it are cut and coded. Plans do not change; a new one gets a new id.
struct Plan {
    std::uint32_t id = 0;
    std::string cut{};         // a layer of the table, or "jpeg"
    std::string codec{};       // of every tensor
    std::uint64_t scales = 0;  // ScaleTable::id(); 0: none
    float score = 0.25F;
    float iou = 0.7F;
    std::uint16_t max_boxes = 300;  // at most 10,000
    bool operator==(const Plan&) const = default;
};

/// One tensor of a frame; its bytes are a part of their own.
struct TensorHeader {
    std::uint32_t value = 0;  // of the graph
    Shape shape;
    Codec codec;
    std::uint64_t checksum = 0;  // XXH3-64 of its part
    bool operator==(const TensorHeader&) const = default;
};

/// Followed by one part for each tensor; for the cut "jpeg" by one part, the JPEG file.
struct FrameHeader {
    std::uint32_t plan = 0;
    std::uint16_t camera = 0;
    std::uint64_t sequence = 0;
    std::int64_t captured_ns = 0;  // the terminal's wall clock, since 1970
    std::uint16_t picture_width = 0;
    std::uint16_t picture_height = 0;
    std::uint16_t input_width = 0;  // of the letterboxed picture
    std::uint16_t input_height = 0;
    std::vector<TensorHeader> tensors{};
    bool operator==(const FrameHeader&) const = default;
};

/// What became of a frame. Only `ok` says who is in the picture.
enum class Status : std::uint8_t {
    ok,
    late,      // looked at, but later than the terminal would wait
    dropped,   // a newer frame took its place
    degraded,  // the terminal finished it alone
    unknown,   // nobody looked
};
std::string_view to_string(Status status);

struct Result {
    std::uint32_t plan = 0;
    std::uint16_t camera = 0;
    std::uint64_t sequence = 0;
    Status status = Status::ok;
    std::string reason{};  // of a status other than ok
    std::uint32_t queue_us = 0;
    std::uint32_t compute_us = 0;
    std::uint16_t credits = 0;  // that come back with it
    Detections detections{};    // in pixels of the source's picture, best first
    bool operator==(const Result&) const = default;
};

struct Ping {
    std::int64_t sent_ns = 0;  // the sender's own clock; comes back as it is
    bool operator==(const Ping&) const = default;
};

struct Pong {
    std::int64_t sent_ns = 0;
    bool operator==(const Pong&) const = default;
};

/// The sender leaves; its state can go.
struct Goodbye {
    std::string reason{};
    bool operator==(const Goodbye&) const = default;
};

using Message =
    std::variant<Hello, Welcome, Refusal, Scales, Plan, FrameHeader, Result, Ping, Pong, Goodbye>;

std::vector<std::uint8_t> to_bytes(const Message& message);

/// Nothing unless the bytes are a whole message with possible values: lists of bounded length,
/// known numbers and stages, shapes of at least one number, finite boxes. Never reads beyond them.
std::optional<Message> parse_message(std::span<const std::uint8_t> bytes);

/// Of a tensor's part.
std::uint64_t checksum(std::span<const std::uint8_t> bytes);

}  // namespace caplamp::transport
