// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <list>
#include <utility>

namespace caplamp::app {

/// Keeps what is costly to make, such as networks compiled for a shape: the one unused longest
/// goes first. One thread at a time.
template <class Key, class Value>
class Recent {
public:
    explicit Recent(std::size_t most) : most_(std::max<std::size_t>(1, most)) {}

    /// The value of that key, made if it is not there. Valid until the next call.
    template <class Make>
    Value& get(const Key& key, Make make) {
        const auto known = std::ranges::find(entries_, key, &Entry::first);
        if (known != entries_.end()) {
            entries_.splice(entries_.begin(), entries_, known);
        } else {
            // The old one goes first, so that memory never holds one more than the limit.
            if (entries_.size() >= most_) entries_.pop_back();
            entries_.emplace_front(key, make());
        }
        return entries_.front().second;
    }

private:
    using Entry = std::pair<Key, Value>;
    std::size_t most_;
    std::list<Entry> entries_;  // the latest used in front
};

}  // namespace caplamp::app
