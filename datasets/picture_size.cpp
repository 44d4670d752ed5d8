// SPDX-License-Identifier: Apache-2.0
#include "datasets/picture_size.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>
#include <fstream>
#include <limits>
#include <string>
#include <string_view>

#include "core/error.hpp"

namespace caplamp::datasets {
namespace {

// Bytes of the header, read forward. Every read past the end is the same Error.
class HeaderReader {
public:
    explicit HeaderReader(const std::filesystem::path& file)
        : file_(file), stream_(file, std::ios::binary) {
        if (!stream_ || std::filesystem::is_directory(file)) fail("cannot be read");
    }

    std::uint32_t byte() {
        const int value = stream_.get();
        if (value == std::char_traits<char>::eof()) fail("ends inside its header");
        return static_cast<std::uint32_t>(value);
    }
    std::uint32_t big16() {
        const std::uint32_t high = byte();
        return high << 8 | byte();
    }
    std::uint32_t big32() {
        const std::uint32_t high = big16();
        return high << 16 | big16();
    }
    std::uint32_t little16() {
        const std::uint32_t low = byte();
        return byte() << 8 | low;
    }
    std::uint32_t little32() {
        const std::uint32_t low = little16();
        return little16() << 16 | low;
    }
    void skip(std::uint32_t count) {
        if (count > 0) stream_.seekg(count - 1, std::ios::cur);
        if (count > 0) byte();  // seeking past the end succeeds, reading there does not
    }
    bool starts_with(std::string_view magic) {
        std::array<char, 8> bytes{};
        stream_.clear();
        stream_.seekg(0);
        stream_.read(bytes.data(), static_cast<std::streamsize>(magic.size()));
        const bool same = stream_.gcount() == static_cast<std::streamsize>(magic.size()) &&
                          std::equal(magic.begin(), magic.end(), bytes.begin());
        stream_.clear();
        stream_.seekg(static_cast<std::streamoff>(magic.size()));
        return same;
    }
    PictureSize size(std::uint32_t width, std::uint32_t height) const {
        constexpr std::uint32_t largest = std::numeric_limits<std::int32_t>::max();
        if (width == 0 || height == 0 || width > largest || height > largest)
            fail("its header states a size of " + std::to_string(width) + "x" +
                 std::to_string(height));
        return {static_cast<int>(width), static_cast<int>(height)};
    }
    [[noreturn]] void fail(const std::string& why) const {
        throw Error(file_.string() + ": " + why);
    }

private:
    std::filesystem::path file_;
    std::ifstream stream_;
};

// The frame header: SOF0 to SOF15 without DHT (C4), JPG (C8) and DAC (CC).
bool starts_frame(std::uint32_t marker) {
    return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
}

// ITU-T T.81, annex B: segments with a marker and a length, up to the frame header.
PictureSize jpeg_size(HeaderReader& header) {
    for (;;) {
        if (header.byte() != 0xFF) header.fail("not a whole JPEG: a segment has no marker");
        std::uint32_t marker = header.byte();
        while (marker == 0xFF) marker = header.byte();                       // fill bytes
        if (marker == 0x01 || (marker >= 0xD0 && marker <= 0xD7)) continue;  // stand alone
        if (marker == 0xD9 || marker == 0xDA) header.fail("not a whole JPEG: it states no size");
        const std::uint32_t length = header.big16();
        if (length < 2) header.fail("not a whole JPEG: a segment shorter than its own length");
        if (!starts_frame(marker)) {
            header.skip(length - 2);
            continue;
        }
        header.byte();  // bits per sample
        const std::uint32_t height = header.big16();
        return header.size(header.big16(), height);
    }
}

PictureSize png_size(HeaderReader& header) {
    const std::uint32_t length = header.big32();
    if (length != 13 || header.big32() != 0x49484452) header.fail("not a PNG: no IHDR first");
    const std::uint32_t width = header.big32();
    return header.size(width, header.big32());
}

PictureSize bmp_size(HeaderReader& header) {
    header.skip(12);
    const std::uint32_t kind = header.little32();
    if (kind == 12) {  // OS/2
        const std::uint32_t width = header.little16();
        return header.size(width, header.little16());
    }
    if (kind < 40) header.fail("not a BMP: an unknown header of " + std::to_string(kind));
    const std::uint32_t width = header.little32();
    const std::uint32_t height = header.little32();
    // A negative height says that the rows run from the top down.
    return header.size(width, height > 0x80000000U ? 0U - height : height);
}

PictureSize gif_size(HeaderReader& header) {
    const std::uint32_t width = header.little16();
    return header.size(width, header.little16());
}

}  // namespace

PictureSize picture_size(const std::filesystem::path& file) {
    HeaderReader header(file);
    if (header.starts_with("\xFF\xD8")) return jpeg_size(header);
    if (header.starts_with("\x89PNG\r\n\x1A\n")) return png_size(header);
    if (header.starts_with("GIF87a") || header.starts_with("GIF89a")) return gif_size(header);
    if (header.starts_with("BM")) return bmp_size(header);
    header.fail("not a JPEG, PNG, BMP or GIF picture");
}

bool has_picture_ending(const std::filesystem::path& file) {
    std::string ending = file.extension().string();
    std::ranges::transform(ending, ending.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    constexpr std::array<std::string_view, 5> known{".jpg", ".jpeg", ".png", ".bmp", ".gif"};
    return std::ranges::find(known, ending) != known.end();
}

}  // namespace caplamp::datasets
