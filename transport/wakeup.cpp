// SPDX-License-Identifier: Apache-2.0
#include "transport/wakeup.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>
#include <system_error>

namespace caplamp::transport {

Wakeup::Wakeup() : descriptor_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
    if (descriptor_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
}

Wakeup::~Wakeup() { close(descriptor_); }

void Wakeup::signal() const {
    const std::uint64_t one = 1;
    // It fails only when the counter is full, and then the descriptor is readable anyway.
    [[maybe_unused]] const ssize_t written = write(descriptor_, &one, sizeof one);
}

void Wakeup::drain() const {
    std::uint64_t count = 0;
    [[maybe_unused]] const ssize_t got = read(descriptor_, &count, sizeof count);
}

}  // namespace caplamp::transport
