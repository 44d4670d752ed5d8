// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <signal.h>

#include <atomic>
#include <stop_token>
#include <thread>

namespace caplamp::app {

/// Turns the first Ctrl-C (or SIGTERM) into a stop request, so that outputs can be closed; the
/// second ends the program at once. Make it before any other thread: they inherit the mask.
class Interrupt {
public:
    Interrupt();
    ~Interrupt();
    Interrupt(const Interrupt&) = delete;
    Interrupt& operator=(const Interrupt&) = delete;

    std::stop_token token() const { return stop_.get_token(); }
    bool happened() const { return stop_.stop_requested(); }

private:
    void listen();

    std::stop_source stop_;
    sigset_t previous_{};
    int signals_ = -1;  // signalfd
    int end_ = -1;      // eventfd
    std::jthread listener_;
};

}  // namespace caplamp::app
