// SPDX-License-Identifier: Apache-2.0
#include "app/terminal_link.hpp"

namespace caplamp::app {

using transport::LinkDown;
using transport::LinkEvent;
using transport::LinkResult;
using transport::LinkUp;

TerminalLink::TerminalLink(const transport::TerminalEndConfig& config)
    : end_(config), thread_([this](const std::stop_token& stop) { listen(stop); }) {}

std::uint16_t TerminalLink::join(LinkListener& listener) {
    const std::lock_guard lock(mutex_);
    const std::uint16_t camera = joined_++;
    cameras_[camera] = &listener;
    if (const auto* up = std::get_if<LinkUp>(&state_)) listener.hear(*up);
    if (const auto* down = std::get_if<LinkDown>(&state_)) listener.hear(*down);
    return camera;
}

void TerminalLink::leave(std::uint16_t camera) {
    const std::lock_guard lock(mutex_);
    cameras_.erase(camera);
}

void TerminalLink::listen(const std::stop_token& stop) {
    while (const auto event = end_.next(stop)) tell(*event);
}

void TerminalLink::tell(const LinkEvent& event) {
    const std::lock_guard lock(mutex_);
    if (const auto* result = std::get_if<LinkResult>(&event)) {
        const auto camera = cameras_.find(result->result.camera);
        if (camera != cameras_.end()) camera->second->hear(*result);
        return;
    }
    if (const auto* up = std::get_if<LinkUp>(&event)) {
        state_ = *up;
        for (const auto& [camera, listener] : cameras_) listener->hear(*up);
    } else if (const auto* down = std::get_if<LinkDown>(&event)) {
        state_ = *down;
        for (const auto& [camera, listener] : cameras_) listener->hear(*down);
    }
}

}  // namespace caplamp::app
