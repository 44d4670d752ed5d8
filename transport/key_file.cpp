// SPDX-License-Identifier: Apache-2.0
#include "transport/key_file.hpp"

#include <fcntl.h>
#include <unistd.h>
#include <zmq.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <vector>

#include "core/error.hpp"
#include "transport/key_lines.hpp"
#include "transport/small_file.hpp"

namespace caplamp::transport {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t letters = 40;             // of Z85, for 32 bytes
using Letters = std::array<char, letters + 1>;  // and the 0 behind them
constexpr std::string_view secret_word = "secret";

bool is_key(const std::string& word) {
    std::array<std::uint8_t, 32> bytes{};
    return word.size() == letters && zmq_z85_decode(bytes.data(), word.c_str()) != nullptr;
}

std::string place_of(const fs::path& file, const KeyLine& line) {
    return file.string() + ":" + std::to_string(line.number);
}

/// The one line that says something.
KeyLine only_line(const fs::path& file, std::string_view text) {
    const std::vector<KeyLine> lines = key_lines(text);
    if (lines.empty()) throw Error(file.string() + ":1: holds no key");
    if (lines.size() > 1) throw Error(place_of(file, lines[1]) + ": a second key");
    return lines.front();
}

/// Never overwrites: whoever loses a key has to visit all machines that know it.
void write_new(const fs::path& file, const std::string& text, mode_t rights) {
    const int opened = open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, rights);
    if (opened < 0 && errno == EEXIST) {
        throw Error(file.string() + ": exists already; move it away, or take another name");
    }
    if (opened < 0) throw Error(file.string() + ": cannot be written: " + std::strerror(errno));
    errno = ENOSPC;  // what a write of fewer bytes means
    const bool whole =
        write(opened, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
        fsync(opened) == 0;
    const int error = errno;
    if (close(opened) == 0 && whole) return;
    unlink(file.c_str());
    throw Error(file.string() + ": cannot be written: " + std::strerror(error));
}

}  // namespace

KeyPair new_key_pair() {
    Letters public_key{};
    Letters secret_key{};
    if (zmq_curve_keypair(public_key.data(), secret_key.data()) != 0) {
        throw Error("keygen: this ZeroMQ was built without CURVE");
    }
    return {.secret_key = {secret_key.data()}, .public_key = {public_key.data()}};
}

PublicKey public_key_of(const SecretKey& key) {
    Letters public_key{};
    if (zmq_curve_public(public_key.data(), key.text.c_str()) != 0) {
        throw Error("a secret key that is none");
    }
    return {public_key.data()};
}

KeyFiles write_key_pair(const fs::path& name, const KeyPair& keys) {
    const std::string word = name.filename().string();
    if (word.empty() ||
        std::ranges::any_of(word, [](unsigned char c) { return iscntrl(c) != 0; })) {
        throw Error(name.string() + ": is not a name for keys, such as keys/gate");
    }
    std::error_code failed;
    if (name.has_parent_path()) fs::create_directories(name.parent_path(), failed);
    if (failed) {
        throw Error(name.parent_path().string() + ": cannot be made: " + failed.message());
    }
    KeyFiles files{.secret_key = name.string() + ".key", .public_key = name.string() + ".pub"};
    write_new(files.secret_key,
              "# secret key of " + word + "; it stays on this machine\n" +
                  std::string(secret_word) + " " + keys.secret_key.text + "\n",
              0600);
    try {
        write_new(files.public_key,
                  "# public key of " + word + "\n" + keys.public_key.text + " " + word + "\n",
                  0644);
    } catch (const Error&) {
        unlink(files.secret_key.c_str());
        throw;
    }
    return files;
}

SecretKey read_secret_key(const fs::path& file) {
    const SmallFile read = read_small_file(file);
    const KeyLine line = only_line(file, read.text);
    const std::size_t end = std::min(line.text.find_first_of(" \t"), line.text.size());
    if (line.text.substr(0, end) != secret_word) {
        throw Error(place_of(file, line) +
                    ": must be 'secret KEY'; caplamp keygen makes such a file, NAME.key");
    }
    const std::size_t begin = std::min(line.text.find_first_not_of(" \t", end), line.text.size());
    SecretKey key{std::string(line.text.substr(begin))};
    if (!is_key(key.text)) throw Error(place_of(file, line) + ": the key is damaged");
    if ((read.rights & 077) != 0) {
        throw Error(file.string() + ": others may read this secret key; chmod 600 " +
                    file.string());
    }
    return key;
}

PublicKey read_public_key(const fs::path& file) {
    const SmallFile read = read_small_file(file);
    const KeyLine line = only_line(file, read.text);
    return public_key_in(line.text, place_of(file, line));
}

PublicKey public_key_in(std::string_view line, const std::string& place) {
    PublicKey key{std::string(line.substr(0, line.find_first_of(" \t")))};
    if (key.text == secret_word) {
        throw Error(place + ": is a secret key; the public one is in NAME.pub");
    }
    if (!is_key(key.text)) throw Error(place + ": must begin with a key of 40 letters");
    return key;
}

}  // namespace caplamp::transport
