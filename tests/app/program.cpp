// SPDX-License-Identifier: Apache-2.0
#include "tests/app/program.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace caplamp::test {
namespace {

std::vector<std::string> command_line(const std::vector<std::string>& words, int largest_file) {
    std::vector<std::string> line;
    if (largest_file > 0) {
        line = {"/bin/sh", "-c",
                "ulimit -f " + std::to_string(largest_file) + "; exec \"$0\" \"$@\""};
    }
    line.emplace_back(CAPLAMP_PROGRAM);
    line.insert(line.end(), words.begin(), words.end());
    return line;
}

}  // namespace

Program::Program(const std::vector<std::string>& words, int largest_file) {
    std::vector<std::string> line = command_line(words, largest_file);
    std::vector<char*> arguments;
    for (std::string& word : line) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    for (const auto& [number, name] : {std::pair{1, "out"}, std::pair{2, "err"}}) {
        posix_spawn_file_actions_addopen(&actions, number, (folder_ / name).c_str(),
                                         O_WRONLY | O_CREAT | O_TRUNC, 0600);
    }
    const int failed =
        posix_spawn(&process_, arguments[0], &actions, nullptr, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    if (failed != 0) throw std::runtime_error(line[0] + " cannot be started");
}

Program::~Program() {
    if (ended_) return;
    kill(process_, SIGKILL);
    wait();
}

void Program::interrupt() const { kill(process_, SIGINT); }

std::string Program::out_so_far() const { return read_text(folder_ / "out"); }

std::string Program::err_so_far() const { return read_text(folder_ / "err"); }

bool Program::has_ended() {
    if (!ended_) ended_ = waitpid(process_, &status_, WNOHANG) == process_;
    return ended_;
}

Ending Program::wait() {
    if (!ended_) waitpid(process_, &status_, 0);
    ended_ = true;
    const int code = WIFEXITED(status_) ? WEXITSTATUS(status_) : 128 + WTERMSIG(status_);
    return {code, read_text(folder_ / "out"), read_text(folder_ / "err")};
}

Ending run_program(const std::vector<std::string>& words, int largest_file) {
    return Program(words, largest_file).wait();
}

std::string read_text(const std::filesystem::path& file) {
    std::ostringstream text;
    text << std::ifstream(file, std::ios::binary).rdbuf();
    return text.str();
}

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
    return lines;
}

}  // namespace caplamp::test
