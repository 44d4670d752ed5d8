// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <future>
#include <memory>
#include <string>
#include <thread>

#include "app/model_id.hpp"
#include "app/remote_stream.hpp"
#include "app/server.hpp"
#include "tests/app/tiny_model.hpp"
#include "tests/capture/test_media.hpp"

namespace caplamp::test {

/// run_server() in a thread, until it goes.
class RunningServer {
public:
    explicit RunningServer(const app::ServerConfig& config) {
        std::promise<std::string> listening;
        std::future<std::string> address = listening.get_future();
        thread_ = std::jthread([config, &listening](const std::stop_token& stop) {
            app::run_server(config, stop, [&](const std::string& at) { listening.set_value(at); });
        });
        address_ = address.get();
    }
    const std::string& address() const { return address_; }

private:
    std::string address_;
    std::jthread thread_;
};

/// A terminal and a server in one process, with a tiny model.
class TinyLink : public testing::Test {
protected:
    TinyLink() {
        write_tiny_weights(weights_);
        model_ = std::make_shared<const app::Model>(app::load_model(tiny_table, weights_));
    }
    app::ServerConfig server_config() const {
        return {.model = tiny_table,
                .weights = weights_,
                .listen = "tcp://127.0.0.1:0",
                .insecure = true};
    }
    transport::TerminalEndConfig link_to(const std::string& server) const {
        transport::TerminalEndConfig link{.servers = {server}};
        link.hello.model = app::model_id(*model_);
        link.hello.classes = model_->classes;
        link.patience = std::chrono::seconds(30);
        link.ping_interval = std::chrono::milliseconds(50);
        link.first_retry = std::chrono::milliseconds(10);
        link.longest_retry = std::chrono::milliseconds(50);
        return link;
    }
    transport::TerminalEndConfig no_server() const {
        transport::TerminalEndConfig link = link_to("tcp://127.0.0.1:1");
        link.patience = std::chrono::milliseconds(100);
        return link;
    }
    app::RemoteStreamConfig cut_after(const std::string& cut) const {
        return {.plan = {.cut = cut}, .post = detector_config().post};
    }
    app::DetectorConfig detector_config() const {
        app::DetectorConfig config{.size = 96};
        config.post.decode.score = 0.3F;
        config.post.nms.max_boxes = 12;
        return config;
    }
    app::TerminalHalf half() const { return {model_, {.size = 96}}; }

    TempFolder folder_;
    std::filesystem::path weights_ = folder_ / "tiny.safetensors";
    std::shared_ptr<const app::Model> model_;
};

}  // namespace caplamp::test
