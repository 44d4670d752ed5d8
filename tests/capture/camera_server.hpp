// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <string>
#include <thread>

namespace caplamp::test {

/// A camera on the loopback interface that serves one caller at a time.
class CameraServer {
public:
    enum class Manner {
        silent,         // takes the call and says nothing
        stalls,         // sends `frames` pictures, then keeps the line open in silence
        hangs_up,       // sends `frames` pictures, then closes
        asks_password,  // 401
    };
    explicit CameraServer(Manner manner, int frames = 0);
    ~CameraServer();
    CameraServer(const CameraServer&) = delete;
    CameraServer& operator=(const CameraServer&) = delete;

    int port() const { return port_; }
    std::string address(const std::string& scheme) const;
    int calls() const { return calls_; }

private:
    void serve(const std::stop_token& stop);
    void answer(int call) const;

    Manner manner_;
    int frames_;
    int listener_ = -1;
    int wake_ = -1;  // eventfd that ends every wait
    int port_ = 0;
    std::atomic<int> calls_ = 0;
    std::jthread thread_;
};

}  // namespace caplamp::test
