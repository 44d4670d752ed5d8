// SPDX-License-Identifier: Apache-2.0
#include "training/jpeg.hpp"

#include <turbojpeg.h>

#include <fstream>
#include <memory>
#include <span>
#include <string>

#include "core/error.hpp"

namespace caplamp::training {
namespace {

struct DestroyHandle {
    void operator()(void* handle) const { tjDestroy(handle); }
};
using Handle = std::unique_ptr<void, DestroyHandle>;

struct FreeBuffer {
    void operator()(unsigned char* buffer) const { tjFree(buffer); }
};

[[noreturn]] void fail(const std::filesystem::path& file, const std::string& why) {
    throw Error(file.string() + ": " + why);
}

std::vector<unsigned char> read_bytes(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary | std::ios::ate);
    if (!in || std::filesystem::is_directory(file)) fail(file, "cannot be read");
    std::vector<unsigned char> bytes(static_cast<std::size_t>(in.tellg()));
    in.seekg(0);
    in.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    if (!in) fail(file, "cannot be read");
    if (bytes.empty()) fail(file, "is empty");
    return bytes;
}

PictureSize header_size(void* decoder, const std::vector<unsigned char>& bytes,
                        const std::filesystem::path& file) {
    PictureSize size;
    int subsampling = 0;
    int colours = 0;
    if (tjDecompressHeader3(decoder, bytes.data(), static_cast<unsigned long>(bytes.size()),
                            &size.width, &size.height, &subsampling, &colours) != 0)
        fail(file, std::string("is no readable JPEG: ") + tjGetErrorStr2(decoder));
    constexpr std::int64_t most_pixels = 1LL << 28;  // a hostile header must not ask for terabytes
    if (std::int64_t{size.width} * size.height > most_pixels)
        fail(file, "is too large: " + std::to_string(size.width) + "x" +
                       std::to_string(size.height) + " pixels");
    return size;
}

// The smallest size the DCT can deliver that is not below the wanted one.
PictureSize scaled_size(PictureSize full, PictureSize at_least) {
    int count = 0;
    const tjscalingfactor* factors = tjGetScalingFactors(&count);
    PictureSize best = full;
    for (const tjscalingfactor& factor : std::span(factors, static_cast<std::size_t>(count))) {
        const PictureSize size{TJSCALED(full.height, factor), TJSCALED(full.width, factor)};
        if (size.height >= at_least.height && size.width >= at_least.width &&
            size.width < best.width)
            best = size;
    }
    return best;
}

}  // namespace

PictureSize jpeg_size(const std::filesystem::path& file) {
    const std::vector<unsigned char> bytes = read_bytes(file);
    const Handle decoder(tjInitDecompress());
    return header_size(decoder.get(), bytes, file);
}

RgbPicture read_jpeg(const std::filesystem::path& file, PictureSize at_least) {
    const std::vector<unsigned char> bytes = read_bytes(file);
    const Handle decoder(tjInitDecompress());
    const PictureSize size = scaled_size(header_size(decoder.get(), bytes, file), at_least);
    RgbPicture picture{size.height, size.width, {}};
    picture.pixels.resize(static_cast<std::size_t>(size.height) *
                          static_cast<std::size_t>(size.width) * 3);
    // Warnings (a cut-off end, a damaged block) are failures too: half a picture with whole labels
    // would teach nonsense.
    if (tjDecompress2(decoder.get(), bytes.data(), static_cast<unsigned long>(bytes.size()),
                      picture.pixels.data(), size.width, 0, size.height, TJPF_RGB,
                      TJFLAG_ACCURATEDCT) != 0)
        fail(file, std::string("is damaged: ") + tjGetErrorStr2(decoder.get()));
    return picture;
}

void write_jpeg(const std::filesystem::path& file, const RgbPicture& picture, int quality) {
    const Handle encoder(tjInitCompress());
    unsigned char* raw = nullptr;
    unsigned long size = 0;
    const int status = tjCompress2(encoder.get(), picture.pixels.data(), picture.width, 0,
                                   picture.height, TJPF_RGB, &raw, &size, TJSAMP_444, quality, 0);
    const std::unique_ptr<unsigned char, FreeBuffer> buffer(raw);
    if (status != 0) fail(file, tjGetErrorStr2(encoder.get()));
    std::ofstream out(file, std::ios::binary);
    out.write(reinterpret_cast<const char*>(raw), static_cast<std::streamsize>(size));
    if (!out.flush()) fail(file, "cannot be written");
}

}  // namespace caplamp::training
