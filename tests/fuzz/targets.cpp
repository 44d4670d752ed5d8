// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/targets.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <vector>

#include "transport/codec.hpp"
#include "transport/scale_table.hpp"
#include "transport/wire.hpp"

namespace caplamp::test {
namespace {

using namespace transport;

void promise(bool holds, const char* what) {
    if (!holds) throw BrokenPromise(what);
}

/// A table that fits the shape, so that the decoder is reached.
TensorScales fitting_scales(int channels, const Codec& codec) {
    TensorScales scales;
    for (int c = 0; c < channels; ++c) {
        scales.ranges.push_back({-0.5F * static_cast<float>(c), 0.25F});
    }
    if (codec.stage != Stage::rans) return scales;
    scales.entropy.symbols = most_symbols;
    for (std::size_t sum = 0; sum < scales.entropy.context_of.size(); ++sum) {
        scales.entropy.context_of[sum] = static_cast<std::uint8_t>(std::min<std::size_t>(sum, 3));
    }
    for (int i = 0; i < channels * contexts; ++i) {
        std::array<std::uint64_t, most_symbols> counts{};
        for (std::size_t s = 0; s < counts.size(); ++s) {
            counts[s] = 1 + (s * 7 + static_cast<std::size_t>(i) * 5) % 11;
        }
        scales.entropy.tables.push_back(make_symbol_table(counts, scales.entropy.symbols));
    }
    return scales;
}

/// The bytes on the heap with nothing behind them, so that a sanitizer sees every read beyond.
class Exactly {
public:
    explicit Exactly(std::span<const std::uint8_t> bytes)
        : size_(bytes.size()), bytes_(std::make_unique<std::uint8_t[]>(bytes.size())) {
        std::ranges::copy(bytes, bytes_.get());
    }
    std::span<const std::uint8_t> span() const { return {bytes_.get(), size_}; }

private:
    std::size_t size_;
    std::unique_ptr<std::uint8_t[]> bytes_;
};

}  // namespace

bool try_message(std::span<const std::uint8_t> bytes) {
    const Exactly copy(bytes);
    const std::optional<Message> message = parse_message(copy.span());
    if (!message) return false;
    promise(parse_message(to_bytes(*message)) == message, "a message is not read back");
    return true;
}

bool try_scale_table(std::span<const std::uint8_t> bytes) {
    const Exactly copy(bytes);
    const std::optional<ScaleTable> table = parse_scale_table(copy.span());
    if (!table) return false;
    promise(std::ranges::equal(to_bytes(*table), bytes), "a table has two forms");
    return true;
}

bool try_decoder(std::span<const std::uint8_t> bytes) {
    constexpr std::size_t head = 5;
    if (bytes.size() < head) return false;
    const std::vector<Codec> codecs = all_codecs();
    const Codec codec = codecs[bytes[0] % codecs.size()];
    // Groups of eight channels and single ones behind them; rows of odd lengths.
    const Shape shape{1 + bytes[1] % 20, 1 + bytes[2] % 9, 1 + bytes[3] % 13};
    const std::size_t table_bytes = std::size_t{16} * bytes[4];
    bytes = bytes.subspan(head);
    if (table_bytes > bytes.size()) return false;
    std::optional<TensorScales> scales;
    if (table_bytes == 0) {
        scales = fitting_scales(shape.channels, codec);
    } else if (auto table = parse_scale_table(bytes.first(table_bytes))) {
        if (!table->tensors.empty()) scales = table->tensors.front();
    }
    const Exactly part(bytes.subspan(table_bytes));
    Tensor tensor(shape);
    Decoder decoder;
    const auto decode = [&] {
        return decoder.decode(part.span(), codec, scales ? &*scales : nullptr, tensor.view());
    };
    const bool accepted = decode();
    promise(decode() == accepted, "what came before makes a difference");
    return accepted;
}

}  // namespace caplamp::test
