// SPDX-License-Identifier: Apache-2.0
#include "app/interrupt.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdlib>

#include "app/command.hpp"

namespace caplamp::app {

Interrupt::Interrupt() {
    sigset_t watched;
    sigemptyset(&watched);
    sigaddset(&watched, SIGINT);
    sigaddset(&watched, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &watched, &previous_);
    signals_ = signalfd(-1, &watched, SFD_CLOEXEC);
    end_ = eventfd(0, EFD_CLOEXEC);
    listener_ = std::jthread([this] { listen(); });
}

Interrupt::~Interrupt() {
    const std::uint64_t one = 1;
    if (write(end_, &one, sizeof one) == sizeof one) listener_.join();
    close(signals_);
    close(end_);
    pthread_sigmask(SIG_SETMASK, &previous_, nullptr);
}

void Interrupt::listen() {
    std::array<pollfd, 2> waits{pollfd{signals_, POLLIN, 0}, pollfd{end_, POLLIN, 0}};
    while (true) {
        if (poll(waits.data(), waits.size(), -1) < 0) continue;
        if (waits[1].revents != 0) return;
        signalfd_siginfo signal{};
        if (read(signals_, &signal, sizeof signal) != sizeof signal) continue;
        if (stop_.stop_requested()) std::_Exit(exit_interrupted);
        stop_.request_stop();
    }
}

}  // namespace caplamp::app
