// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/app/program.hpp"
#include "tests/app/tiny_model.hpp"
#include "tests/capture/test_media.hpp"

namespace caplamp::test {

/// Terminal and server as users start them, with a tiny model, and what they leave. All command
/// lines are made here.
class LinkPrograms : public testing::Test {
protected:
    using Words = std::vector<std::string>;

    LinkPrograms();
    /// Listening at a free port. `more` stands behind the rest, as in terminal().
    Words server(const Words& more, const std::string& listen = "tcp://127.0.0.1:0") const;
    Words terminal(const std::string& source, const std::string& address, const Words& more) const;
    /// Where a server listens, once it does; what it complained about, if it ended instead.
    static std::string address_of(Program& server);
    /// A settings file with that text.
    std::string settings(const std::string& text) const;
    /// Flat pictures of 160x120.
    std::string film(int frames) const;
    /// Whole lines that the running job has written.
    std::size_t lines_so_far() const;
    /// Of the detections, one a frame. Also of a film that is not done yet.
    std::vector<nlohmann::json> lines() const;

    TempFolder folder_;
    std::filesystem::path weights_ = folder_ / "tiny.safetensors";
    std::filesystem::path out_ = folder_ / "out";
};

/// On this machine, without keys.
class InsecurePrograms : public LinkPrograms {
protected:
    Words server(const std::string& listen = "tcp://127.0.0.1:0", Words more = {}) const {
        more.emplace_back("--insecure");
        return LinkPrograms::server(more, listen);
    }
    Words terminal(const std::string& source, const std::string& address, Words more = {}) const {
        more.emplace_back("--insecure");
        return LinkPrograms::terminal(source, address, more);
    }
};

}  // namespace caplamp::test
