// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/app/program.hpp"

namespace caplamp::test {

/// Command lines of terminals and servers with a tiny model, and what they leave.
class LinkPrograms : public testing::Test {
protected:
    using Words = std::vector<std::string>;

    LinkPrograms();
    /// Listening at a free port. `more` stands behind the rest, as in terminal().
    Words server(const Words& more, const std::string& listen = "tcp://127.0.0.1:0") const;
    Words terminal(const std::string& source, const std::string& address, const Words& more) const;
    /// Where a server listens, once it does; what it complained about, if it ended instead.
    static std::string address_of(Program& server);
    /// Flat pictures of 160x120.
    std::string film(int frames) const;
    /// Of the detections, one a frame. Also of a film that is not done yet.
    std::vector<nlohmann::json> lines() const;

    TempFolder folder_;
    std::filesystem::path weights_ = folder_ / "tiny.safetensors";
    std::filesystem::path out_ = folder_ / "out";
};

}  // namespace caplamp::test
