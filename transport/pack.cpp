// SPDX-License-Identifier: Apache-2.0
#include "transport/pack.hpp"

#include <cassert>
#include <cstddef>
#include <cstring>

namespace caplamp::transport {
namespace {

template <class Visit>
void for_each_row(Shape shape, Visit visit) {
    for (int c = 0; c < shape.channels; ++c) {
        for (int y = 0; y < shape.height; ++y) visit(c, y);
    }
}

}  // namespace

void pack(const CodePlanes& codes, int bits, std::vector<std::uint8_t>& into) {
    const Shape shape = codes.shape();
    const std::size_t begin = into.size();
    into.resize(begin + (shape.size() * static_cast<std::size_t>(bits) + 7) / 8);
    std::uint8_t* to = into.data() + begin;
    std::uint64_t waiting = 0;  // bits not yet written
    int count = 0;
    for_each_row(shape, [&](int c, int y) {
        const std::uint8_t* const row = codes.row(c, y);
        if (bits == 8) {
            std::memcpy(to, row, static_cast<std::size_t>(shape.width));
            to += shape.width;
            return;
        }
        for (int x = 0; x < shape.width; ++x) {
            waiting |= static_cast<std::uint64_t>(row[x]) << count;
            count += bits;
            if (count < 32) continue;
            std::memcpy(to, &waiting, 4);
            to += 4;
            waiting >>= 32;
            count -= 32;
        }
    });
    for (; count > 0; count -= 8, waiting >>= 8) *to++ = static_cast<std::uint8_t>(waiting);
}

void unpack(std::span<const std::uint8_t> bytes, int bits, CodePlanes& codes) {
    const Shape shape = codes.shape();
    assert(bytes.size() == (shape.size() * static_cast<std::size_t>(bits) + 7) / 8);
    const std::uint8_t* from = bytes.data();
    const std::uint64_t mask = (1U << bits) - 1;
    std::uint64_t waiting = 0;
    int count = 0;
    for_each_row(shape, [&](int c, int y) {
        std::uint8_t* const row = codes.row(c, y);
        if (bits == 8) {
            std::memcpy(row, from, static_cast<std::size_t>(shape.width));
            from += shape.width;
            return;
        }
        for (int x = 0; x < shape.width; ++x) {
            if (count < bits) {
                waiting |= static_cast<std::uint64_t>(*from++) << count;
                count += 8;
            }
            row[x] = static_cast<std::uint8_t>(waiting & mask);
            waiting >>= bits;
            count -= bits;
        }
    });
}

}  // namespace caplamp::transport
