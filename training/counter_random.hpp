// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <initializer_list>
#include <utility>
#include <vector>

namespace caplamp::training {

/// Random numbers that depend on their key and their count alone (the finalizer of SplitMix64 over
/// a counter), so that any step of a training can be drawn again without the steps before it.
class CounterRandom {
public:
    CounterRandom(std::initializer_list<std::uint64_t> key) {
        for (const std::uint64_t word : key) state_ = mixed(state_ ^ mixed(word));
    }

    std::uint64_t bits() { return mixed(state_ += golden); }
    double uniform() { return static_cast<double>(bits() >> 11) * 0x1p-53; }  // 0 <= x < 1
    double uniform(double low, double high) { return low + (high - low) * uniform(); }
    double symmetric() { return uniform(-1, 1); }
    bool chance(double probability) { return uniform() < probability; }
    /// 0 .. count-1; the bias of the remainder is below count / 2^64.
    std::uint64_t below(std::uint64_t count) { return bits() % count; }

    template <class T>
    void shuffle(std::vector<T>& values) {
        for (std::size_t i = values.size(); i > 1; --i) std::swap(values[i - 1], values[below(i)]);
    }

private:
    static constexpr std::uint64_t golden = 0x9e3779b97f4a7c15;

    static std::uint64_t mixed(std::uint64_t x) {
        x += golden;
        x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
        x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
        return x ^ (x >> 31);
    }

    std::uint64_t state_ = 0;
};

}  // namespace caplamp::training
