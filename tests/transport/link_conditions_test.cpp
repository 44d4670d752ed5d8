// SPDX-License-Identifier: Apache-2.0
#include "transport/link_conditions.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "core/error.hpp"

namespace caplamp::transport {
namespace {

namespace fs = std::filesystem;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;

class Trace : public testing::Test {
protected:
    ~Trace() override { fs::remove(file_); }

    LinkTrace load(const std::string& text) const {
        std::ofstream(file_) << text;
        return LinkTrace::load(file_);
    }
    std::string complaint(const std::string& text) const {
        try {
            load(text);
        } catch (const Error& e) {
            return e.what();
        }
        return "none";
    }

    fs::path file_ = fs::temp_directory_path() / ("trace" + std::to_string(getpid()) + ".csv");
};

TEST(Preset, ThePapersLinkIsTheOneOfItsCaseStudy) {
    const auto paper = preset("paper");
    ASSERT_TRUE(paper);
    EXPECT_EQ(paper->up.megabits_per_second, 107.4);
    EXPECT_EQ(paper->down.megabits_per_second, 48.7);
    EXPECT_EQ(paper->up.delay + paper->down.delay, milliseconds(13));
    EXPECT_FALSE(preset("papers"));
}

TEST(Preset, EveryNameIsOneOfAPossibleLink) {
    EXPECT_THAT(preset_names(), testing::IsSupersetOf({"wifi", "lte", "3g", "satellite"}));
    for (const std::string_view name : preset_names()) {
        const auto known = preset(name);
        ASSERT_TRUE(known) << name;
        EXPECT_NO_THROW(check(*known)) << name;
        EXPECT_GT(known->up.megabits_per_second, 0) << name;
    }
}

TEST(Conditions, ThatNoLinkHasAreRefused) {
    const auto refused = [](const DirectionConditions& direction) {
        EXPECT_THROW(check({.up = direction}), Error);
        EXPECT_THROW(check({.down = direction}), Error);
    };
    refused({.megabits_per_second = -1});
    refused({.megabits_per_second = std::numeric_limits<double>::quiet_NaN()});
    refused({.delay = microseconds(-1)});
    refused({.jitter = microseconds(-1)});
    refused({.stall_every = milliseconds(10), .stall_for = milliseconds(10)});
    refused({.stall_for = milliseconds(10)});
    EXPECT_NO_THROW(check({.up = {.megabits_per_second = 0}}));
}

TEST_F(Trace, SaysWhatHoldsAtEachTime) {
    const LinkTrace trace = load("# time, rate, delay\n0, 10, 5\n\n2.5,0,5\r\n3, 1.5, 0.25\n");
    EXPECT_EQ(trace.at(seconds(0)).megabits_per_second, 10);
    EXPECT_EQ(trace.at(milliseconds(2499)).megabits_per_second, 10);
    EXPECT_EQ(trace.at(milliseconds(2500)).megabits_per_second, 0);
    EXPECT_EQ(trace.at(seconds(3)).megabits_per_second, 1.5);
    EXPECT_EQ(trace.at(seconds(3)).delay, microseconds(250));
    EXPECT_EQ(trace.at(seconds(1000)).megabits_per_second, 1.5);
}

TEST_F(Trace, ComplaintsNameFileAndLine) {
    EXPECT_THAT(complaint("0,1,1\n1,fast,1\n"), HasSubstr(file_.string() + ":2: not time (s)"));
    EXPECT_THAT(complaint("0,1\n"), HasSubstr(":1: not time (s)"));
    EXPECT_THAT(complaint("0,1,2,3\n"), HasSubstr(":1: not time (s)"));
    EXPECT_THAT(complaint("0,-1,2\n"), HasSubstr(":1: not time (s)"));
    EXPECT_THAT(complaint("0,nan,2\n"), HasSubstr(":1: not time (s)"));
    EXPECT_THAT(complaint("1,1,1\n"), HasSubstr(":1: the first time is not 0"));
    EXPECT_THAT(complaint("0,1,1\n#\n0,2,1\n"), HasSubstr(":3: its time is not later"));
    EXPECT_THAT(complaint("# nothing\n"), HasSubstr("holds no line of a trace"));
    EXPECT_THROW(LinkTrace::load("nowhere.csv"), Error);
}

}  // namespace
}  // namespace caplamp::transport
