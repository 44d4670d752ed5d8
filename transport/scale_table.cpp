// SPDX-License-Identifier: Apache-2.0
#include "transport/scale_table.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

#include "core/error.hpp"
#include "transport/bytes.hpp"

namespace caplamp::transport {
namespace {

constexpr std::uint32_t most_tensors = 16;
constexpr std::uint32_t most_channels = 4096;

int levels_of(int bits) { return 1 << bits; }

void append(std::vector<std::uint8_t>& bytes, const EntropyModel& entropy) {
    append_le(bytes, static_cast<std::uint8_t>(entropy.symbols));
    if (entropy.symbols == 0) return;
    for (int sum = 0; sum < 2 * entropy.symbols - 1; ++sum) {
        append_le(bytes, entropy.context_of[static_cast<std::size_t>(sum)]);
    }
    for (const SymbolTable& table : entropy.tables) {
        for (int s = 0; s < entropy.symbols; ++s) {
            append_le(bytes, table.frequency[static_cast<std::size_t>(s)]);
        }
    }
}

bool read(ByteReader& reader, std::uint32_t channels, int bits, EntropyModel& entropy) {
    entropy.symbols = reader.read<std::uint8_t>();
    if (entropy.symbols == 0) return !reader.failed();
    if (bits > 4 || entropy.symbols != levels_of(bits)) return false;
    for (int sum = 0; sum < 2 * entropy.symbols - 1; ++sum) {
        const auto context = reader.read<std::uint8_t>();
        if (context >= contexts) return false;
        entropy.context_of[static_cast<std::size_t>(sum)] = context;
    }
    for (std::uint32_t i = 0; i < channels * contexts; ++i) {
        SymbolTable table;
        for (int s = 0; s < entropy.symbols; ++s) {
            table.frequency[static_cast<std::size_t>(s)] = reader.read<std::uint16_t>();
        }
        if (reader.failed() || !complete(table, entropy.symbols)) return false;
        entropy.tables.push_back(table);
    }
    return true;
}

bool read(ByteReader& reader, int bits, TensorScales& scales) {
    const auto channels = reader.read<std::uint32_t>();
    if (channels == 0 || channels > most_channels) return false;
    for (std::uint32_t c = 0; c < channels; ++c) {
        const ChannelRange range{reader.read<float>(), reader.read<float>()};
        const float top = range.low + range.step * static_cast<float>(levels_of(bits) - 1);
        if (!std::isfinite(range.low) || !std::isfinite(top) || !(range.step > 0)) return false;
        if (!std::isfinite(1.0F / range.step)) return false;
        scales.ranges.push_back(range);
    }
    return read(reader, channels, bits, scales.entropy);
}

/// The range from the least of the sorted numbers up to `high`.
ChannelRange range_up_to(const std::vector<float>& sorted, float high, int levels) {
    const float low = sorted.front();
    const float step = (high - low) / static_cast<float>(levels - 1);
    // A channel that never changes still needs a step that can be divided by.
    const float least = std::max(std::abs(low) * 1e-6F, 1e-6F);
    return {low, std::max(step, least)};
}

double squared_error(const std::vector<float>& sorted, ChannelRange range, int levels) {
    double sum = 0;
    for (const float value : sorted) {
        const float place = std::round((value - range.low) / range.step);
        const float code = std::clamp(place, 0.0F, static_cast<float>(levels - 1));
        const double difference = value - (range.low + code * range.step);
        sum += difference * difference;
    }
    return sum;
}

ChannelRange best_range(std::vector<float> samples, int bits) {
    std::ranges::sort(samples);
    const int levels = levels_of(bits);
    ChannelRange best;
    double least = std::numeric_limits<double>::infinity();
    for (const double share : {0.98, 0.99, 0.995, 0.998, 0.999, 0.9995}) {
        const auto last = static_cast<double>(samples.size() - 1);
        const float high = samples[static_cast<std::size_t>(std::llround(share * last))];
        const ChannelRange range = range_up_to(samples, high, levels);
        const double error = squared_error(samples, range, levels);
        if (error < least) {
            least = error;
            best = range;
        }
    }
    return best;
}

}  // namespace

std::uint64_t ScaleTable::id() const {
    std::uint64_t hash = 14695981039346656037ULL;  // FNV-1a
    for (const std::uint8_t byte : to_bytes(*this)) hash = (hash ^ byte) * 1099511628211ULL;
    return hash;
}

std::vector<std::uint8_t> to_bytes(const ScaleTable& table) {
    std::vector<std::uint8_t> bytes;
    append_le(bytes, static_cast<std::uint8_t>(table.bits));
    append_le(bytes, static_cast<std::uint32_t>(table.tensors.size()));
    for (const TensorScales& tensor : table.tensors) {
        append_le(bytes, static_cast<std::uint32_t>(tensor.ranges.size()));
        for (const ChannelRange& range : tensor.ranges) {
            append_le(bytes, range.low);
            append_le(bytes, range.step);
        }
        append(bytes, tensor.entropy);
    }
    return bytes;
}

std::optional<ScaleTable> parse_scale_table(std::span<const std::uint8_t> bytes) {
    ByteReader reader(bytes);
    ScaleTable table;
    table.bits = reader.read<std::uint8_t>();
    const auto tensors = reader.read<std::uint32_t>();
    if (table.bits < 1 || table.bits > 8 || tensors > most_tensors) return std::nullopt;
    for (std::uint32_t t = 0; t < tensors; ++t) {
        if (!read(reader, table.bits, table.tensors.emplace_back())) return std::nullopt;
    }
    if (!reader.at_end()) return std::nullopt;
    return table;
}

ScaleCalibrator::ScaleCalibrator(int channels) : samples_(static_cast<std::size_t>(channels)) {}

void ScaleCalibrator::add_for_ranges(TensorView tensor) {
    const Shape shape = tensor.shape();
    assert(static_cast<std::size_t>(shape.channels) == samples_.size() && shape.plane() > 0);
    constexpr std::size_t samples_a_frame = 1024;
    const std::size_t wanted = std::min(samples_a_frame, shape.plane());
    std::uniform_int_distribution<std::size_t> anywhere(0, shape.plane() - 1);
    for (std::size_t i = 0; i < wanted; ++i) {
        const std::size_t place = wanted == shape.plane() ? i : anywhere(random_);
        for (int c = 0; c < shape.channels; ++c) {
            const float value = tensor.channel(c)[place];
            if (!std::isfinite(value)) throw Error("calibration: a feature is not a number");
            samples_[static_cast<std::size_t>(c)].push_back(value);
        }
    }
}

void ScaleCalibrator::choose_ranges(int bits) {
    assert(bits >= 1 && bits <= 8);
    if (samples_.empty() || samples_.front().empty()) throw Error("calibration: no frame was seen");
    bits_ = bits;
    ranges_.clear();
    for (const std::vector<float>& samples : samples_) {
        ranges_.push_back(best_range(samples, bits));
    }
    codes_.reset();
    if (bits <= 4) codes_.emplace(static_cast<int>(samples_.size()), levels_of(bits));
}

void ScaleCalibrator::add_for_codes(TensorView tensor) {
    assert(!ranges_.empty());
    if (!codes_) return;
    if (!quantise(tensor, ranges_, levels_of(bits_), planes_)) {
        throw Error("calibration: a feature is not a number");
    }
    codes_->add(planes_);
}

TensorScales ScaleCalibrator::scales() const {
    return {.ranges = ranges_, .entropy = codes_ ? codes_->build() : EntropyModel{}};
}

}  // namespace caplamp::transport
