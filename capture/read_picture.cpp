// SPDX-License-Identifier: Apache-2.0
#include "capture/read_picture.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>
#include <fstream>
#include <opencv2/imgcodecs.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "capture/jpeg_check.hpp"
#include "core/error.hpp"

namespace caplamp::capture {
namespace {

constexpr std::array<std::string_view, 13> picture_endings{
    ".jpg",  ".jpeg", ".jpe", ".png", ".bmp", ".dib", ".tif",
    ".tiff", ".webp", ".pgm", ".ppm", ".pbm", ".pnm"};

/// By the first bytes of the formats above. OpenCV could be asked too, but it would start GDAL.
bool begins_like_picture(const std::filesystem::path& file) {
    using namespace std::string_view_literals;
    std::array<char, 12> bytes{};
    std::ifstream(file, std::ios::binary).read(bytes.data(), bytes.size());
    const std::string_view head(bytes.data(), bytes.size());
    const bool webp = head.starts_with("RIFF"sv) && head.substr(8) == "WEBP"sv;
    const bool netpbm = head[0] == 'P' && head[1] >= '1' && head[1] <= '6' &&
                        std::isspace(static_cast<unsigned char>(head[2])) != 0;
    return webp || netpbm || head.starts_with("\xFF\xD8\xFF"sv) || head.starts_with("\x89PNG"sv) ||
           head.starts_with("BM"sv) || head.starts_with("II*\0"sv) || head.starts_with("MM\0*"sv);
}

std::vector<std::uint8_t> read_bytes(const std::filesystem::path& file) {
    std::error_code failed;
    const std::uintmax_t size = std::filesystem::file_size(file, failed);
    std::ifstream stream(file, std::ios::binary);
    if (failed || !stream) throw Error(file.string() + ": cannot be read");
    std::vector<std::uint8_t> bytes(static_cast<std::size_t>(size));
    stream.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(size));
    if (!stream) throw Error(file.string() + ": cannot be read to its end");
    return bytes;
}

}  // namespace

void read_picture(const std::filesystem::path& file, cv::Mat& into) {
    const std::vector<std::uint8_t> bytes = read_bytes(file);
    if (bytes.empty()) throw Error(file.string() + ": is empty");
    if (is_truncated_jpeg(bytes)) throw Error(file.string() + ": the picture is cut short");
    constexpr int flags = cv::IMREAD_COLOR | cv::IMREAD_IGNORE_ORIENTATION;
    try {
        cv::Mat decoded = cv::imdecode(bytes, flags, &into);
        if (decoded.empty()) throw Error(file.string() + ": is not a picture, or a damaged one");
    } catch (const cv::Exception& e) {
        // OpenCV throws for headers it does not believe, such as too many pixels.
        throw Error(file.string() + ": cannot be decoded: " + e.err);
    }
}

cv::Mat read_picture(const std::filesystem::path& file) {
    cv::Mat picture;
    read_picture(file, picture);
    return picture;
}

bool has_picture_name(const std::filesystem::path& file) {
    std::string ending = file.extension().string();
    std::ranges::transform(ending, ending.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return std::ranges::find(picture_endings, ending) != picture_endings.end();
}

bool looks_like_picture(const std::filesystem::path& file) {
    return has_picture_name(file) || begins_like_picture(file);
}

}  // namespace caplamp::capture
