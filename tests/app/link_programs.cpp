// SPDX-License-Identifier: Apache-2.0
#include "tests/app/link_programs.hpp"

#include <algorithm>
#include <chrono>
#include <functional>
#include <thread>

namespace caplamp::test {

LinkPrograms::LinkPrograms() { write_tiny_weights(weights_); }

LinkPrograms::Words LinkPrograms::server(const Words& more, const std::string& listen) const {
    Words all{"server",   "--model", tiny_table.string(), "--weights", weights_.string(),
              "--listen", listen};
    all.insert(all.end(), more.begin(), more.end());
    return all;
}

LinkPrograms::Words LinkPrograms::terminal(const std::string& source, const std::string& address,
                                           const Words& more) const {
    Words all{"terminal",          source,      "--server",        address,      "--model",
              tiny_table.string(), "--weights", weights_.string(), "--size",     "64",
              "--score",           "0.4",       "--out",           out_.string()};
    all.insert(all.end(), more.begin(), more.end());
    return all;
}

std::string LinkPrograms::address_of(Program& server) {
    const std::string word = "listening at ";
    while (!server.has_ended()) {
        const std::string text = server.out_so_far();
        if (text.starts_with(word) && text.ends_with('\n')) {
            return text.substr(word.size(), text.size() - word.size() - 1);
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return server.wait().err;
}

std::string LinkPrograms::settings(const std::string& text) const {
    const std::filesystem::path file =
        folder_ / ("settings" + std::to_string(std::hash<std::string>()(text)) + ".yaml");
    write_text(file, text);
    return file.string();
}

std::string LinkPrograms::film(int frames) const {
    const std::filesystem::path file = folder_ / ("film" + std::to_string(frames) + ".avi");
    if (!std::filesystem::exists(file)) write_video(file, frames, {160, 120});
    return file.string();
}

std::size_t LinkPrograms::lines_so_far() const {
    const std::string text = read_text(out_ / "detections.jsonl.part");
    return static_cast<std::size_t>(std::ranges::count(text, '\n'));
}

std::vector<nlohmann::json> LinkPrograms::lines() const {
    const std::filesystem::path whole = out_ / "detections.jsonl";
    const bool is_done = std::filesystem::exists(whole);
    const std::string text = read_text(whole.string() + (is_done ? "" : ".part"));
    std::vector<nlohmann::json> parsed;
    for (const std::string& line : lines_of(text.substr(0, text.rfind('\n') + 1))) {
        parsed.push_back(nlohmann::json::parse(line));
    }
    return parsed;
}

}  // namespace caplamp::test
