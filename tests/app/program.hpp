// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "tests/capture/test_media.hpp"

namespace caplamp::test {

struct Ending {
    int code = -1;    // as a shell sees it
    std::string out;  // stdout
    std::string err;  // stderr
};

/// The built `caplamp` as users start it, from the root of the repository.
class Program {
public:
    /// `largest_file` limits what it may write to one file, in blocks of 512 bytes; 0: no limit.
    explicit Program(const std::vector<std::string>& words, int largest_file = 0);
    ~Program();
    Program(const Program&) = delete;
    Program& operator=(const Program&) = delete;

    void interrupt() const;
    bool has_ended();
    std::string out_so_far() const;
    std::string err_so_far() const;
    Ending wait();

private:
    TempFolder folder_;
    pid_t process_ = -1;
    int status_ = 0;
    bool ended_ = false;
};

Ending run_program(const std::vector<std::string>& words, int largest_file = 0);
std::string read_text(const std::filesystem::path& file);
std::vector<std::string> lines_of(const std::string& text);

}  // namespace caplamp::test
