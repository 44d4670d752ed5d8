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

/// Terminal and server as users start them: two processes. All command lines are made here.
class LinkPrograms : public testing::Test {
protected:
    LinkPrograms();

    std::vector<std::string> server(const std::string& listen = "tcp://127.0.0.1:0",
                                    const std::vector<std::string>& more = {}) const;
    std::vector<std::string> terminal(const std::string& source, const std::string& address,
                                      const std::vector<std::string>& more = {}) const;
    /// Where a server listens, once it does.
    static std::string address_of(Program& server);
    /// A settings file with that text.
    std::string settings(const std::string& text) const;
    std::string film(int frames) const;
    /// Whole lines that the running job has written.
    std::size_t lines_so_far() const;
    /// The job's result, a line a frame.
    std::vector<nlohmann::json> lines() const;

    TempFolder folder_;
    std::filesystem::path weights_ = folder_ / "tiny.safetensors";
    std::filesystem::path out_ = folder_ / "out";
};

}  // namespace caplamp::test
