// SPDX-License-Identifier: Apache-2.0
#include "transport/known_plans.hpp"

#include <algorithm>
#include <optional>

#include "transport/message_check.hpp"

namespace caplamp::transport {
namespace {

// Enough for changes of plan with frames in flight on every camera, too few to fill the memory.
constexpr std::size_t most_plans = 512;
constexpr std::size_t most_scale_tables = 16;

}  // namespace

std::string KnownPlans::keep(const Scales& scales) {
    const std::optional<ScaleTable> table = parse_scale_table(scales.table);
    if (!table) return "these are not scales";
    const std::uint64_t id = table->id();
    std::erase(scales_by_age_, id);
    scales_by_age_.push_back(id);
    scales_[id] = std::make_shared<const ScaleTable>(*table);
    if (scales_by_age_.size() <= most_scale_tables) return {};
    const std::uint64_t oldest = scales_by_age_.front();
    scales_by_age_.pop_front();
    scales_.erase(oldest);
    std::erase_if(plans_, [oldest](const auto& entry) {
        const Known& known = entry.second;
        return known.scales != nullptr && known.plan->scales == oldest;
    });
    return {};
}

std::string KnownPlans::keep(const Plan& plan, const Welcome& offer) {
    const std::string problem = problem_with(plan, offer);
    if (!problem.empty()) return problem;
    Known known{.plan = std::make_shared<const Plan>(plan), .scales = nullptr};
    if (names_scales(plan)) {
        const auto scales = scales_.find(plan.scales);
        if (scales == scales_.end() || !fits(*scales->second, *parse_codec(plan.codec))) {
            return "the plan names no scales of its codec";
        }
        known.scales = scales->second;
    }
    if (plans_.size() >= most_plans) plans_.erase(plans_.begin());
    plans_[plan.id] = std::move(known);
    return {};
}

const KnownPlans::Known* KnownPlans::find(std::uint32_t plan) const {
    const auto known = plans_.find(plan);
    return known == plans_.end() ? nullptr : &known->second;
}

}  // namespace caplamp::transport
