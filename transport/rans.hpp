// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "transport/code_planes.hpp"
#include "transport/entropy_model.hpp"

namespace caplamp::transport {

/// Range asymmetric numeral systems (Duda 2013), static tables, 32-bit states, 16-bit words. Eight
/// channels are interleaved so that a core works on eight states at once; docs/wire-format.md has
/// the order of the bytes.
class RansEncoder {
public:
    /// Appends the coded planes to `into`. The codes are below model.symbols and the channels the
    /// model's.
    void encode(const CodePlanes& codes, const EntropyModel& model,
                std::vector<std::uint8_t>& into);

private:
    std::vector<std::uint16_t> words_;  // filled from its end, as the decoder reads backwards
};

/// Fills `codes`, whose shape is set and whose channels are the model's. False when the bytes are
/// not what the encoder makes of any planes of this shape; reads nothing beyond them.
bool rans_decode(std::span<const std::uint8_t> bytes, const EntropyModel& model, CodePlanes& codes);

}  // namespace caplamp::transport
