// SPDX-License-Identifier: Apache-2.0
#include "app/paths.hpp"

#include <unistd.h>

#include <cstdlib>
#include <sstream>

namespace caplamp::app {

namespace fs = std::filesystem;

fs::path program_folder() {
    std::error_code failed;
    const fs::path self = fs::read_symlink("/proc/self/exe", failed);
    return failed ? fs::path(".") : self.parent_path();
}

fs::path find_data_file(const fs::path& file) {
    std::error_code failed;
    if (file.is_absolute() || fs::exists(file, failed)) return file;
    const fs::path installed = program_folder().parent_path() / "share" / "caplamp" / file;
    return fs::exists(installed, failed) ? installed : file;
}

fs::path find_program(const std::string& name) {
    const fs::path beside = program_folder() / name;
    if (access(beside.c_str(), X_OK) == 0) return beside;
    const char* path = std::getenv("PATH");
    std::istringstream folders(path == nullptr ? "" : path);
    for (std::string folder; std::getline(folders, folder, ':');) {
        const fs::path candidate = fs::path(folder) / name;
        if (!folder.empty() && access(candidate.c_str(), X_OK) == 0) return candidate;
    }
    return {};
}

}  // namespace caplamp::app
