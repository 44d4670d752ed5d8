// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <type_traits>
#include <vector>

namespace caplamp::transport {

// The wire is little-endian, and so is every machine this runs on.
static_assert(std::endian::native == std::endian::little);

template <class T>
T load_le(const std::uint8_t* bytes) {
    static_assert(std::is_trivially_copyable_v<T>);
    T value;
    std::memcpy(&value, bytes, sizeof value);
    return value;
}

template <class T>
void append_le(std::vector<std::uint8_t>& bytes, T value) {
    static_assert(std::is_trivially_copyable_v<T>);
    const std::size_t end = bytes.size();
    bytes.resize(end + sizeof value);
    std::memcpy(bytes.data() + end, &value, sizeof value);
}

/// Reads what came over the network: past the end it gives zeros and remembers that it failed.
class ByteReader {
public:
    explicit ByteReader(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

    template <class T>
    T read() {
        const std::span<const std::uint8_t> block = take(sizeof(T));
        return block.empty() ? T{} : load_le<T>(block.data());
    }
    /// The next `count` bytes, or none.
    std::span<const std::uint8_t> take(std::size_t count) {
        if (count > bytes_.size()) failed_ = true;
        if (failed_) return {};
        const std::span<const std::uint8_t> block = bytes_.first(count);
        bytes_ = bytes_.subspan(count);
        return block;
    }
    bool failed() const { return failed_; }
    bool at_end() const { return !failed_ && bytes_.empty(); }

private:
    std::span<const std::uint8_t> bytes_;
    bool failed_ = false;
};

}  // namespace caplamp::transport
