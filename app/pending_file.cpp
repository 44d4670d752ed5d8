// SPDX-License-Identifier: Apache-2.0
#include "app/pending_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "core/error.hpp"

namespace caplamp::app {
namespace {

constexpr std::size_t buffer_size = 1 << 16;

std::string error_text() { return std::strerror(errno); }

}  // namespace

PendingFile::PendingFile(std::filesystem::path name)
    : name_(std::move(name)), part_(name_.string() + ".part") {
    std::error_code failed;
    if (name_.has_parent_path()) std::filesystem::create_directories(name_.parent_path(), failed);
    if (failed) {
        throw Error(name_.parent_path().string() + ": cannot be made: " + failed.message());
    }
    if (std::filesystem::is_directory(name_, failed)) fail("is a folder");
    file_ = open(part_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (file_ < 0) fail(error_text());
    buffer_.reserve(buffer_size);
}

PendingFile::~PendingFile() {
    if (file_ >= 0) close(file_);
    if (!committed_) unlink(part_.c_str());
}

void PendingFile::write(std::string_view text) {
    buffer_ += text;
    if (buffer_.size() >= buffer_size) flush();
}

void PendingFile::flush() {
    std::string_view rest = buffer_;
    while (!rest.empty()) {
        const ssize_t written = ::write(file_, rest.data(), rest.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) fail(error_text());
        rest.remove_prefix(static_cast<std::size_t>(written));
    }
    buffer_.clear();
}

void PendingFile::commit() {
    flush();
    // A file system may find out only now that it has no room. Pipes and the like cannot sync.
    if (fsync(file_) != 0 && errno != EINVAL && errno != EROFS) fail(error_text());
    if (close(std::exchange(file_, -1)) != 0) fail(error_text());
    if (std::rename(part_.c_str(), name_.c_str()) != 0) fail(error_text());
    committed_ = true;
}

void PendingFile::fail(const std::string& why) const {
    throw Error(name_.string() + ": cannot be written: " + why);
}

}  // namespace caplamp::app
