// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

namespace caplamp::app {

/// The folder that holds the running program.
std::filesystem::path program_folder();

/// `file` as it is when it exists from here or is absolute; else the same file under
/// ../share/caplamp beside an installed program, when that exists; else `file` again.
std::filesystem::path find_data_file(const std::filesystem::path& file);

/// A program beside this one or on PATH; empty when there is none.
std::filesystem::path find_program(const std::string& name);

}  // namespace caplamp::app
