// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <stdexcept>

/// What must hold for any bytes from the network. The fuzzers give them arbitrary ones, the tests
/// the kept corpus.
namespace caplamp::test {

/// A promise of the parser did not hold.
struct BrokenPromise : std::logic_error {
    using std::logic_error::logic_error;
};

/// Each says whether the bytes were accepted. Throws BrokenPromise.
bool try_message(std::span<const std::uint8_t> bytes);
bool try_scale_table(std::span<const std::uint8_t> bytes);
/// Bytes: codec, channels, rows, columns, length of a scale table / 16 (0: a built-in one that
/// fits), the scale table, the tensor's part.
bool try_decoder(std::span<const std::uint8_t> bytes);

}  // namespace caplamp::test
