// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace caplamp::transport {

/// Ends another thread's wait in zmq::poll(). signal() may be called from any thread.
class Wakeup {
public:
    Wakeup();
    ~Wakeup();
    Wakeup(const Wakeup&) = delete;
    Wakeup& operator=(const Wakeup&) = delete;

    /// Becomes readable by signal().
    int descriptor() const { return descriptor_; }
    void signal() const;
    /// Forgets the signals so far.
    void drain() const;

private:
    int descriptor_;
};

}  // namespace caplamp::transport
