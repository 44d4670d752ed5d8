// SPDX-License-Identifier: Apache-2.0
#include "app/dataset_report.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <map>
#include <vector>

namespace caplamp::app {

std::string summary_table(std::span<const datasets::SplitSummary> splits) {
    std::string text;
    for (const datasets::SplitSummary& split : splits) {
        text += fmt::format("{}: {} pictures, {} of them without anything marked\n", split.split,
                            split.pictures, split.background);
        text += fmt::format("  {:<20}{:>10}{:>10}{:>10}{:>8}{:>8}{:>8}{:>8}{:>8}\n", "", "", "",
                            "median", "under", "16 to", "32 to", "96 and", "");
        text += fmt::format("  {:<20}{:>10}{:>10}{:>10}{:>8}{:>8}{:>8}{:>8}\n", "class", "pictures",
                            "things", "height", "16 px", "32", "96", "more");
        for (const datasets::ClassCount& one : split.classes)
            text += fmt::format("  {:<20}{:>10}{:>10}{:>10.1f}{:>8}{:>8}{:>8}{:>8}{}\n", one.name,
                                one.pictures, one.instances, one.median_height, one.by_height[0],
                                one.by_height[1], one.by_height[2], one.by_height[3],
                                one.labelled ? "" : "  not labelled everywhere");
    }
    return text;
}

std::string problem_list(const datasets::Problems& problems, std::size_t examples) {
    std::map<std::string, std::vector<std::string>> by_kind;
    for (const datasets::Problem& problem : problems)
        by_kind[problem.kind].push_back(problem.message);
    if (by_kind.empty()) return "no problem found\n";
    std::string text = fmt::format("{} problems\n", problems.size());
    for (const auto& [kind, messages] : by_kind) {
        text += fmt::format("  {:>6}  {}\n", messages.size(), kind);
        const std::size_t shown = std::min(examples, messages.size());
        for (std::size_t i = 0; i < shown; ++i) text += "            " + messages[i] + "\n";
        if (shown < messages.size())
            text +=
                fmt::format("            and {} more; --all shows them\n", messages.size() - shown);
    }
    return text;
}

}  // namespace caplamp::app
