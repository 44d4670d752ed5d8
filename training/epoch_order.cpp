// SPDX-License-Identifier: Apache-2.0
#include "training/epoch_order.hpp"

#include <cmath>
#include <numeric>

#include "core/error.hpp"
#include "training/counter_random.hpp"

namespace caplamp::training {
namespace {

enum Purpose : std::uint64_t { order_in_set = 1, order_in_epoch = 2 };

}  // namespace

EpochOrder::EpochOrder(const std::vector<DataSet>& sets, std::uint64_t epoch_pictures,
                       std::uint64_t seed)
    : pictures_(epoch_pictures), seed_(seed) {
    double total = 0;
    std::uint32_t first = 0;
    for (const DataSet& set : sets) {
        const auto size = static_cast<std::uint32_t>(set.samples.size());
        shares_.push_back({.first = first, .size = size});
        first += size;
        total += set.weight * size;
    }
    if (total <= 0) throw Error("training: no data set has pictures and a weight above 0");
    if (pictures_ == 0) pictures_ = first;
    // Rounding the running sum, not each share, makes the quotas add up.
    double reached = 0;
    std::uint64_t given = 0;
    for (std::size_t i = 0; i < sets.size(); ++i) {
        reached += sets[i].weight * shares_[i].size;
        const auto until = static_cast<std::uint64_t>(
            std::llround(static_cast<double>(pictures_) * (reached / total)));
        shares_[i].quota = until - given;
        given = until;
    }
}

std::vector<std::uint32_t> EpochOrder::epoch(std::uint64_t number) const {
    std::vector<std::uint32_t> order;
    order.reserve(pictures_);
    for (std::size_t i = 0; i < shares_.size(); ++i) append(shares_[i], i, number, order);
    CounterRandom({seed_, order_in_epoch, number}).shuffle(order);
    return order;
}

void EpochOrder::append(const Share& share, std::uint64_t set, std::uint64_t number,
                        std::vector<std::uint32_t>& order) const {
    std::vector<std::uint32_t> pass;
    for (std::uint64_t i = 0; i < share.quota; ++i) {
        const std::uint64_t drawn = number * share.quota + i;  // of this set, since the beginning
        if (pass.empty() || drawn % share.size == 0) {
            pass.resize(share.size);
            std::iota(pass.begin(), pass.end(), share.first);
            CounterRandom({seed_, order_in_set, set, drawn / share.size}).shuffle(pass);
        }
        order.push_back(pass[drawn % share.size]);
    }
}

}  // namespace caplamp::training
