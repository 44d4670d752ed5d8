// SPDX-License-Identifier: Apache-2.0
#include "training/curves.hpp"

#include <gtest/gtest.h>

#include <sstream>

#include "tests/training/painted_pictures.hpp"

namespace caplamp::training {
namespace {

std::string text_of(const std::filesystem::path& file) {
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), {}};
}

void add_steps(Curves& curves, std::int64_t first, std::int64_t last) {
    for (std::int64_t step = first; step <= last; ++step) {
        CurveRow row;
        row.step = step;
        curves.add(row);
    }
}

}  // namespace

TEST(Curves, ShowAveragePrecisionWhereOneWasMeasured) {
    const TemporaryFolder folder;
    const auto file = folder.path() / "curves.csv";
    Curves curves(file, {"helmet", "head"}, 0);
    CurveRow row;
    row.step = 3;
    row.ap = {std::nullopt, 0.5};
    curves.add(row);
    EXPECT_NE(text_of(file).find(",ap50_helmet,ap50_head\n3,"), std::string::npos);
    EXPECT_NE(text_of(file).find(",,0.5\n"), std::string::npos);
}

TEST(Curves, ForgetTheRowsPastTheCheckpoint) {
    const TemporaryFolder folder;
    const auto file = folder.path() / "curves.csv";
    {
        Curves curves(file, {"helmet"}, 0);
        add_steps(curves, 1, 5);
    }
    Curves curves(file, {"helmet"}, 3);
    add_steps(curves, 4, 4);
    std::istringstream in(text_of(file));
    std::string line;
    std::string steps;
    while (std::getline(in, line)) steps += line.substr(0, line.find(',')) + " ";
    EXPECT_EQ(steps, "step 1 2 3 4 ");
}

TEST(Curves, SayWhichFileCannotBeWritten) {
    EXPECT_NE(error_of([] {
                  Curves("no/such/folder/curves.csv", {"helmet"}, 0);
              }).find("no/such/folder/curves.csv"),
              std::string::npos);
}

}  // namespace caplamp::training
