// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <iostream>
#include <limits>
#include <memory>
#include <string>

#include "app/command.hpp"
#include "app/dataset_report.hpp"
#include "app/set_options.hpp"
#include "core/error.hpp"
#include "datasets/write_set.hpp"

namespace caplamp::app {
namespace {

constexpr int exit_problems_found = 1;
constexpr std::size_t examples = 5;

struct DatasetFlags {
    SetOptions set;
    bool all = false;
    std::string to = "yolo";
    std::string out;
};

int check(const DatasetFlags& flags) {
    datasets::Problems problems;
    std::vector<datasets::LabelledSet> splits;
    std::vector<datasets::SplitSummary> summaries;
    for (const std::string& split : flags.set.splits()) {
        splits.push_back(flags.set.read(split, &problems));
        summaries.push_back(datasets::summarise(splits.back()));
    }
    if (splits.empty()) throw Error(flags.set.data + ": names no split: train, val or test");
    const datasets::Problems more = datasets::check(splits);
    problems.insert(problems.end(), more.begin(), more.end());
    std::cout << summary_table(summaries)
              << problem_list(problems,
                              flags.all ? std::numeric_limits<std::size_t>::max() : examples)
              << std::flush;
    return problems.empty() ? static_cast<int>(exit_ok) : exit_problems_found;
}

int convert(const DatasetFlags& flags) {
    std::vector<datasets::LabelledSet> splits;
    for (const std::string& split : flags.set.splits())
        splits.push_back(flags.set.read(split, nullptr));
    if (splits.empty()) throw Error(flags.set.data + ": names no split: train, val or test");
    if (flags.to == "yolo") {
        const datasets::Loss loss = datasets::write_yolo(splits, flags.out);
        std::cout << flags.out << ": written\n";
        if (loss.crowds + loss.difficult > 0)
            std::cout << "left out, because YOLO has no word for them: " << loss.crowds
                      << " crowds, " << loss.difficult << " difficult things\n";
        return exit_ok;
    }
    if (splits.size() > 1) throw Error("--split: a COCO file holds one split; say which");
    datasets::write_coco(splits[0], flags.out);
    std::cout << flags.out << ": written\n";
    return exit_ok;
}

void add_data_options(CLI::App& command, DatasetFlags& flags) {
    command
        .add_option("DATA", flags.set.data,
                    "The set: data.yaml, a COCO .json file, or the folder of a VOC set")
        ->required();
    command.add_option("--split", flags.set.split, "Only this part; default all parts");
    add_set_options(command, flags.set);
}

}  // namespace

void add_dataset_command(CLI::App& program, Action& action) {
    const auto flags = std::make_shared<DatasetFlags>();  // lives as long as CLI11's callbacks
    CLI::App* command = program.add_subcommand("dataset", "Check and convert labelled sets");
    command->require_subcommand(1);
    CLI::App* check_command = command->add_subcommand(
        "check",
        "Counts classes and sizes; finds duplicates, boxes without area or out of range, "
        "malformed labels, missing files. Exit 1 when it finds any");
    check_command->footer("Example:\n  caplamp dataset check site/data.yaml");
    add_data_options(*check_command, *flags);
    check_command->add_flag("--all", flags->all, "Show every problem, not five of a kind");
    check_command->callback([flags, &action] { action = [flags] { return check(*flags); }; });
    CLI::App* convert_command =
        command->add_subcommand("convert", "Writes a set as YOLO (a folder) or COCO (a file)");
    convert_command->footer(
        "Example:\n  caplamp dataset convert shwd --class-map shwd.yaml out/shwd");
    add_data_options(*convert_command, *flags);
    convert_command->add_option("OUT", flags->out, "Folder or file to make")->required();
    convert_command->add_option("--to", flags->to, "yolo or coco")
        ->check(CLI::IsMember({"yolo", "coco"}))
        ->capture_default_str();
    convert_command->callback([flags, &action] { action = [flags] { return convert(*flags); }; });
}

}  // namespace caplamp::app
