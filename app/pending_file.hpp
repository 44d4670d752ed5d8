// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace caplamp::app {

/// A file that gets its name only when it is whole: until then it is NAME.part, and it is removed
/// unless commit() succeeded. Makes the folder. Throws Error, with the final name, when the disk is
/// full or the place cannot be written.
class PendingFile {
public:
    explicit PendingFile(std::filesystem::path name);
    ~PendingFile();
    PendingFile(const PendingFile&) = delete;
    PendingFile& operator=(const PendingFile&) = delete;

    const std::filesystem::path& name() const { return name_; }
    const std::filesystem::path& part() const { return part_; }

    /// Collects; flush() makes it visible to whoever watches NAME.part.
    void write(std::string_view text);
    void flush();
    /// Everything is on the disk and has its final name when this returns.
    void commit();
    [[noreturn]] void fail(const std::string& why) const;

private:
    std::filesystem::path name_;
    std::filesystem::path part_;
    std::string buffer_;
    int file_ = -1;
    bool committed_ = false;
};

}  // namespace caplamp::app
