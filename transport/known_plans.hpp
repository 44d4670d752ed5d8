// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>

#include "transport/scale_table.hpp"
#include "transport/wire.hpp"

namespace caplamp::transport {

/// What a server remembers of one terminal's plans and scale tables: the last 512 and the last 16.
/// A plan goes with the table that it names. Frames on the way keep both alive.
class KnownPlans {
public:
    struct Known {
        std::shared_ptr<const Plan> plan;          // shared with the frames on the way
        std::shared_ptr<const ScaleTable> scales;  // the same; null when the codec needs none
    };

    /// Each returns why not, or nothing when it is kept.
    std::string keep(const Scales& scales);
    std::string keep(const Plan& plan, const Welcome& offer);

    /// Null when no such plan is known.
    const Known* find(std::uint32_t plan) const;

private:
    std::map<std::uint32_t, Known> plans_;
    std::map<std::uint64_t, std::shared_ptr<const ScaleTable>> scales_;
    std::deque<std::uint64_t> scales_by_age_;
};

}  // namespace caplamp::transport
