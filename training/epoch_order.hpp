// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "training/data_set.hpp"

namespace caplamp::training {

/// Which pictures an epoch draws, in order. Sets share an epoch by pictures times weight; inside a
/// set no picture comes again before all others came, across epochs too.
class EpochOrder {
public:
    /// `epoch_pictures` 0: as many as the sets hold. Throws Error when no set has a weight.
    EpochOrder(const std::vector<DataSet>& sets, std::uint64_t epoch_pictures, std::uint64_t seed);

    std::uint64_t pictures_per_epoch() const { return pictures_; }

    /// Indices into the picture cache, which holds the sets one after the other.
    std::vector<std::uint32_t> epoch(std::uint64_t number) const;

private:
    struct Share {
        std::uint32_t first = 0;  // picture of the set
        std::uint32_t size = 0;
        std::uint64_t quota = 0;  // pictures an epoch draws
    };
    void append(const Share& share, std::uint64_t set, std::uint64_t number,
                std::vector<std::uint32_t>& order) const;

    std::vector<Share> shares_;
    std::uint64_t pictures_ = 0;
    std::uint64_t seed_ = 0;
};

}  // namespace caplamp::training
