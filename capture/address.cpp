// SPDX-License-Identifier: Apache-2.0
#include "capture/address.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <string_view>

#include "capture/read_picture.hpp"
#include "core/error.hpp"

namespace caplamp::capture {
namespace {

constexpr std::array<std::string_view, 4> stream_schemes{"rtsp", "rtsps", "http", "https"};

std::string scheme_of(const std::string& source) {
    const std::size_t end = source.find("://");
    if (end == std::string::npos) return {};
    std::string scheme = source.substr(0, end);
    std::ranges::transform(scheme, scheme.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return scheme;
}

SourceKind kind_of_url(const std::string& source) {
    const std::string scheme = scheme_of(source);
    if (std::ranges::find(stream_schemes, scheme) == stream_schemes.end()) {
        throw Error(name_without_secrets(source) + ": " + scheme +
                    ":// is not supported; use rtsp://, rtsps://, http:// or https://");
    }
    return SourceKind::stream;
}

}  // namespace

bool is_url(const std::string& source) { return !scheme_of(source).empty(); }

std::string name_without_secrets(const std::string& source) {
    if (!is_url(source)) return source;
    const std::size_t begin = source.find("://") + 3;
    std::string rest = source.substr(begin);
    // The last '@' counts, wherever it stands: a password may hold '/', '?' or '@' by mistake.
    if (const std::size_t at = rest.rfind('@'); at != std::string::npos) rest.erase(0, at + 1);
    if (const std::size_t query = rest.find_first_of("?#"); query != std::string::npos) {
        rest.erase(query);
    }
    return source.substr(0, begin) + rest;
}

SourceKind kind_of(const std::string& source) {
    namespace fs = std::filesystem;
    if (source.empty()) throw Error("source: is empty");
    if (is_url(source)) return kind_of_url(source);
    std::error_code failed;
    const fs::file_status status = fs::status(source, failed);
    if (!fs::exists(status)) throw Error(source + ": no such file, folder or device");
    if (fs::is_directory(status)) return SourceKind::folder;
    if (fs::is_character_file(status)) return SourceKind::device;
    if (!fs::is_regular_file(status)) {
        // A pipe could block for ever, out of reach of every deadline.
        throw Error(source + ": is neither a file, a folder nor a camera");
    }
    return looks_like_picture(source) ? SourceKind::picture : SourceKind::video_file;
}

}  // namespace caplamp::capture
