// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>

#include "training/picture_cache.hpp"

namespace caplamp::training {

/// FNV-1a of everything the cached pixels depend on: paths, file sizes, longest side, layout.
/// Throws Error for a file that is not there.
std::uint64_t cache_key(std::span<const std::filesystem::path> pictures, int longest_side);

/// The contents, or nothing when there is no such file or it is stale, foreign, cut off or claims
/// pictures outside its buffer: a cache can always be made anew.
std::optional<CacheContents> read_cache_file(const std::filesystem::path& file, std::uint64_t key,
                                             std::size_t count);

/// Writes beside the target and renames, so that an interrupted run leaves no half cache.
/// Throws Error when it cannot be written, a full disk included.
void write_cache_file(const std::filesystem::path& file, std::uint64_t key,
                      const CacheContents& contents);

}  // namespace caplamp::training
