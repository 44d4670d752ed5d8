// SPDX-License-Identifier: Apache-2.0
#include "transport/small_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "core/error.hpp"

namespace caplamp::transport {
namespace {

constexpr std::size_t largest_file = 16U << 20;

class Descriptor {
public:
    explicit Descriptor(int number) : number_(number) {}
    ~Descriptor() {
        if (number_ >= 0) close(number_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int number() const { return number_; }

private:
    int number_;
};

}  // namespace

SmallFile read_small_file(const std::filesystem::path& file) {
    const auto fail = [&](const std::string& why) {
        throw Error(file.string() + ": cannot be read: " + why);
    };
    // A pipe without a writer must not block.
    const Descriptor opened(open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (opened.number() < 0) fail(std::strerror(errno));
    struct stat status {};
    if (fstat(opened.number(), &status) != 0) fail(std::strerror(errno));
    if (!S_ISREG(status.st_mode)) fail("is not a file");
    SmallFile read{.text = {}, .rights = status.st_mode & 07777};
    std::array<char, 4096> buffer{};
    while (true) {
        const ssize_t got = ::read(opened.number(), buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) fail(std::strerror(errno));
        if (got == 0) return read;
        read.text.append(buffer.data(), static_cast<std::size_t>(got));
        if (read.text.size() > largest_file) fail("is too large");
    }
}

}  // namespace caplamp::transport
