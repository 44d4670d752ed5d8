// SPDX-License-Identifier: Apache-2.0
#include "training/cache_file.hpp"

#include <fstream>
#include <string_view>
#include <system_error>

#include "core/error.hpp"

namespace caplamp::training {
namespace {

constexpr std::uint64_t layout_version = 1;

struct FileHeader {
    std::uint64_t magic = 0x6568'6361'6370'6c63;  // "clpcache", as little-endian bytes
    std::uint64_t key = 0;
    std::uint64_t pictures = 0;
    std::uint64_t bytes = 0;
    bool operator==(const FileHeader&) const = default;
};

class Fnv1a {
public:
    void add(std::string_view bytes) {
        for (const char c : bytes) {
            hash_ ^= static_cast<unsigned char>(c);
            hash_ *= 0x100000001b3;
        }
    }
    void add(std::uint64_t number) { add({reinterpret_cast<const char*>(&number), sizeof number}); }
    std::uint64_t value() const { return hash_; }

private:
    std::uint64_t hash_ = 0xcbf29ce484222325;
};

bool is_sound(const CacheContents& contents) {
    for (const CachedPicture& picture : contents.pictures)
        for (const CachedPicture::Level& level : picture.level) {
            constexpr std::int32_t most = 1 << 15;
            if (level.height < 1 || level.width < 1 || level.height > most || level.width > most)
                return false;
            const std::uint64_t size = static_cast<std::uint64_t>(level.height) *
                                       static_cast<std::uint64_t>(level.width) * 3;
            if (size > contents.byte_count || level.offset > contents.byte_count - size)
                return false;
        }
    return true;
}

void read_into(std::ifstream& in, void* target, std::uint64_t bytes) {
    in.read(static_cast<char*>(target), static_cast<std::streamsize>(bytes));
}

void write_from(std::ofstream& out, const void* source, std::uint64_t bytes) {
    out.write(static_cast<const char*>(source), static_cast<std::streamsize>(bytes));
}

}  // namespace

std::uint64_t cache_key(std::span<const std::filesystem::path> pictures, int longest_side) {
    Fnv1a hash;
    hash.add(layout_version);
    hash.add(static_cast<std::uint64_t>(longest_side));
    hash.add(static_cast<std::uint64_t>(pictures.size()));
    for (const std::filesystem::path& picture : pictures) {
        std::error_code missing;
        const std::uint64_t size = std::filesystem::file_size(picture, missing);
        if (missing) throw Error(picture.string() + ": cannot be read");
        hash.add(std::filesystem::absolute(picture).lexically_normal().native());
        hash.add(size);
    }
    return hash.value();
}

std::optional<CacheContents> read_cache_file(const std::filesystem::path& file, std::uint64_t key,
                                             std::size_t count) {
    std::error_code missing;
    const std::uint64_t file_bytes = std::filesystem::file_size(file, missing);
    std::ifstream in(file, std::ios::binary);
    FileHeader header;
    const std::uint64_t table_bytes = count * sizeof(CachedPicture);
    if (missing || !in || file_bytes < sizeof header + table_bytes) return std::nullopt;
    read_into(in, &header, sizeof header);
    const FileHeader expected{
        .key = key, .pictures = count, .bytes = file_bytes - sizeof header - table_bytes};
    if (!in || header != expected) return std::nullopt;
    CacheContents contents;
    contents.pictures.resize(count);
    contents.byte_count = header.bytes;
    contents.buffer = std::make_unique_for_overwrite<std::uint8_t[]>(header.bytes);
    read_into(in, contents.pictures.data(), table_bytes);
    read_into(in, contents.buffer.get(), header.bytes);
    if (!in || !is_sound(contents)) return std::nullopt;
    return contents;
}

void write_cache_file(const std::filesystem::path& file, std::uint64_t key,
                      const CacheContents& contents) {
    const std::filesystem::path unfinished = file.string() + ".unfinished";
    const FileHeader header{
        .key = key, .pictures = contents.pictures.size(), .bytes = contents.byte_count};
    std::error_code failed;
    {
        std::ofstream out(unfinished, std::ios::binary);
        write_from(out, &header, sizeof header);
        write_from(out, contents.pictures.data(), contents.pictures.size() * sizeof(CachedPicture));
        write_from(out, contents.buffer.get(), contents.byte_count);
        if (!out.flush()) failed = std::make_error_code(std::errc::io_error);
    }
    if (!failed) std::filesystem::rename(unfinished, file, failed);
    if (!failed) return;
    std::error_code ignored;
    std::filesystem::remove(unfinished, ignored);
    throw Error(file.string() + ": the picture cache cannot be written (" +
                std::to_string(contents.byte_count >> 20) + " MiB)");
}

}  // namespace caplamp::training
