// SPDX-License-Identifier: Apache-2.0
#include "training/command_line.hpp"

#include <algorithm>
#include <iomanip>
#include <sstream>

#include "core/config_node.hpp"
#include "core/error.hpp"

namespace caplamp::training {
namespace {

struct Option {
    std::string name;
    std::string value;
};

struct Words {
    std::vector<Option> options;
    bool help = false;
    bool resume = false;
};

Words split(const std::vector<std::string>& words) {
    Words result;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::string& word = words[i];
        if (word == "--help" || word == "-h") {
            result.help = true;
        } else if (word == "--resume") {
            result.resume = true;
        } else if (!word.starts_with("--")) {
            throw Error("unexpected word '" + word + "'; see --help");
        } else if (const std::size_t equals = word.find('='); equals != std::string::npos) {
            result.options.push_back({word.substr(2, equals - 2), word.substr(equals + 1)});
        } else if (i + 1 < words.size()) {
            result.options.push_back({word.substr(2), words[++i]});
        } else {
            throw Error(word + ": needs a value");
        }
    }
    return result;
}

std::vector<Setting> all_settings(CommandLine& line) {
    std::vector<Setting> all = settings_of(line.config);
    all.push_back({"dump-layers",
                   "do not train; write the picture and every layer's output for "
                   "--weights into this folder",
                   &line.dump_layers});
    all.push_back({"weights", "for --dump-layers", &line.weights});
    all.push_back({"picture-size", "for --dump-layers: WIDTHxHEIGHT", &line.picture_size});
    return all;
}

/// A list on the command line replaces the one of a resumed config.
void clear_lists(const std::vector<Setting>& settings, const std::vector<Option>& options) {
    for (const Setting& setting : settings) {
        const auto* list = std::get_if<std::vector<std::string>*>(&setting.place);
        const bool named = std::ranges::find(options, setting.name, &Option::name) != options.end();
        if (list != nullptr && named) (*list)->clear();
    }
}

std::string unknown(const std::string& name, const std::vector<Setting>& settings) {
    std::vector<std::string_view> known;
    for (const Setting& setting : settings) known.emplace_back(setting.name);
    const std::string nearest = nearest_word(name, known);
    const std::string hint = nearest.empty() ? "see --help" : "did you mean --" + nearest + "?";
    return "--" + name + ": unknown; " + hint;
}

}  // namespace

CommandLine parse_command_line(const std::vector<std::string>& words) {
    const Words given = split(words);
    CommandLine line;
    line.help = given.help;
    line.resume = given.resume;
    if (line.help) return line;
    if (line.resume) {
        const auto out = std::ranges::find(given.options, "out", &Option::name);
        if (out == given.options.end()) throw Error("--resume: name the run's folder with --out");
        line.config = read_config(std::filesystem::path(out->value) / "config.yaml");
    }
    const std::vector<Setting> settings = all_settings(line);
    clear_lists(settings, given.options);
    for (const Option& option : given.options) {
        const auto found = std::ranges::find(settings, option.name, &Setting::name);
        if (found == settings.end()) throw Error(unknown(option.name, settings));
        found->set(option.value);
    }
    return line;
}

std::string help_text() {
    std::ostringstream text;
    text << "caplamp-train: trains the network of a model table on YOLO data sets.\n\n"
            "  caplamp-train --data sets/hard-hats/data.yaml --out runs/first --size 320 "
            "--epochs 50\n"
            "  caplamp-train --out runs/first --resume\n\n"
            "The run's folder holds config.yaml, curves.csv, checkpoint.pt, last.safetensors and\n"
            "best.safetensors. Ctrl-C saves a checkpoint; --resume goes on from it.\n\n";
    CommandLine defaults;
    for (const Setting& setting : all_settings(defaults)) {
        text << "  --" << std::left << std::setw(22) << setting.name << setting.help;
        const std::string value = setting.text();
        if (!value.empty()) text << " [" << value << "]";
        text << '\n';
    }
    text << "  --" << std::left << std::setw(22) << "resume"
         << "go on with the run in --out\n";
    return text.str();
}

}  // namespace caplamp::training
