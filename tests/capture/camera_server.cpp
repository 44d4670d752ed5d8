// SPDX-License-Identifier: Apache-2.0
#include "tests/capture/camera_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <opencv2/imgcodecs.hpp>
#include <stdexcept>
#include <string_view>
#include <vector>

#include "tests/capture/test_media.hpp"

namespace caplamp::test {
namespace {

/// True when `socket` can be read or has closed; false when `wake` came first.
bool wait_readable(int socket, int wake) {
    std::array<pollfd, 2> waits{pollfd{socket, POLLIN, 0}, pollfd{wake, POLLIN, 0}};
    poll(waits.data(), waits.size(), -1);
    return waits[1].revents == 0;
}

bool send_all(int socket, std::string_view text) {
    while (!text.empty()) {
        const ssize_t sent = send(socket, text.data(), text.size(), MSG_NOSIGNAL);
        if (sent <= 0) return false;
        text.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

std::string part(int frame) {
    std::vector<std::uint8_t> jpeg;
    cv::imencode(".jpg", cv::Mat(48, 64, CV_8UC3, cv::Scalar::all(grey_of(frame))), jpeg);
    return "--frame\r\nContent-Type: image/jpeg\r\nContent-Length: " + std::to_string(jpeg.size()) +
           "\r\n\r\n" + std::string(jpeg.begin(), jpeg.end()) + "\r\n";
}

}  // namespace

CameraServer::CameraServer(Manner manner, int frames) : manner_(manner), frames_(frames) {
    listener_ = socket(AF_INET, SOCK_STREAM, 0);
    wake_ = eventfd(0, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    if (bind(listener_, generic, size) != 0 || listen(listener_, 4) != 0 ||
        getsockname(listener_, generic, &size) != 0) {
        throw std::runtime_error("no loopback socket");
    }
    port_ = ntohs(address.sin_port);
    thread_ = std::jthread([this](const std::stop_token& stop) { serve(stop); });
}

CameraServer::~CameraServer() {
    thread_.request_stop();
    const std::uint64_t one = 1;
    if (write(wake_, &one, sizeof one) == sizeof one) thread_.join();
    close(listener_);
    close(wake_);
}

std::string CameraServer::address(const std::string& scheme) const {
    return scheme + "://127.0.0.1:" + std::to_string(port_) + "/stream";
}

void CameraServer::serve(const std::stop_token& stop) {
    while (!stop.stop_requested() && wait_readable(listener_, wake_)) {
        const int call = accept(listener_, nullptr, nullptr);
        if (call < 0) return;
        ++calls_;
        answer(call);
        close(call);
    }
}

void CameraServer::answer(int call) const {
    std::array<char, 4096> request{};
    if (!wait_readable(call, wake_)) return;
    bool open = recv(call, request.data(), request.size(), 0) > 0;
    if (manner_ == Manner::asks_password) {
        send_all(call, "HTTP/1.0 401 Unauthorized\r\nContent-Length: 0\r\n\r\n");
        return;
    }
    if (manner_ != Manner::silent) {
        open = open && send_all(call,
                                "HTTP/1.0 200 OK\r\nContent-Type: multipart/x-mixed-replace; "
                                "boundary=frame\r\n\r\n");
        for (int i = 0; i < frames_ && open; ++i) open = send_all(call, part(i));
    }
    // Silence until the caller hangs up or the test ends.
    while (manner_ != Manner::hangs_up && open && wait_readable(call, wake_)) {
        open = recv(call, request.data(), request.size(), 0) > 0;
    }
}

}  // namespace caplamp::test
