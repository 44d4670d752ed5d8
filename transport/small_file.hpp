// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>

namespace caplamp::transport {

struct SmallFile {
    std::string text;
    mode_t rights = 0;  // as of chmod
};

/// Reads a regular file of at most 16 MiB. Throws Error, naming it, when that is not possible.
SmallFile read_small_file(const std::filesystem::path& file);

}  // namespace caplamp::transport
