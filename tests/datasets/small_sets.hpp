// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>

#include "core/error.hpp"

namespace caplamp::datasets {

/// A folder of one test's own, gone when the test is.
class TemporaryFolder {
public:
    TemporaryFolder() {
        const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
        path_ = std::filesystem::temp_directory_path() /
                (std::string("caplamp-") + test->test_suite_name() + "-" + test->name() + "-" +
                 std::to_string(::getpid()));
        std::filesystem::remove_all(path_);
        std::filesystem::create_directories(path_);
    }
    ~TemporaryFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    const std::filesystem::path& path() const { return path_; }

    std::filesystem::path write(const std::filesystem::path& name, const std::string& bytes) const {
        const std::filesystem::path file = path_ / name;
        std::filesystem::create_directories(file.parent_path());
        std::ofstream(file, std::ios::binary) << bytes;
        return file;
    }
    /// A GIF of this size, as far as its header goes. Another `mark` makes another file of it.
    std::filesystem::path picture(const std::filesystem::path& name, int width, int height,
                                  const std::string& mark = "") const {
        const auto little = [](int value) {
            return std::string{static_cast<char>(value & 255), static_cast<char>(value >> 8)};
        };
        return write(name, "GIF89a" + little(width) + little(height) + mark + name.string());
    }

private:
    std::filesystem::path path_;
};

/// The message of the Error that `action` ends in, with `folder` cut out of it.
inline std::string complaint(const std::function<void()>& action,
                             const std::filesystem::path& folder) {
    try {
        action();
    } catch (const Error& error) {
        std::string text = error.what();
        const std::string prefix = folder.string() + "/";
        for (std::size_t at = text.find(prefix); at != std::string::npos; at = text.find(prefix))
            text.erase(at, prefix.size());
        return text;
    }
    return "no error";
}

}  // namespace caplamp::datasets
