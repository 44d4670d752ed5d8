// SPDX-License-Identifier: Apache-2.0
#include "transport/allow_list.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.hpp"
#include "tests/core/temp_folder.hpp"

namespace caplamp::transport {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::StartsWith;

std::string complaint_about(const std::string& text) {
    try {
        AllowList::parse(text, "allowed");
    } catch (const Error& e) {
        return e.what();
    }
    return "no error";
}

class AllowLists : public testing::Test {
protected:
    void write(const std::string& text) const { test::write_text(file_, text); }
    std::string complaint_of(AllowListFile& list) const {
        try {
            list.refresh();
        } catch (const Error& e) {
            return e.what();
        }
        return "no error";
    }

    const PublicKey gate_ = new_key_pair().public_key;
    const PublicKey yard_ = new_key_pair().public_key;
    test::TempFolder folder_;
    fs::path file_ = folder_ / "allowed";
};

TEST_F(AllowLists, HaveOneKeyALineAndWordsForPeople) {
    const AllowList list = AllowList::parse("# the site\n\n" + gate_.text + "\r\n  " + yard_.text +
                                                "\tthe yard, since May # 2nd camera",
                                            "allowed");
    EXPECT_EQ(list.size(), 2U);
    EXPECT_TRUE(list.contains(gate_));
    EXPECT_TRUE(list.contains(yard_));
    EXPECT_FALSE(list.contains(new_key_pair().public_key));
    EXPECT_FALSE(list.contains({}));
}

TEST_F(AllowLists, ComplaintsNameFileAndLine) {
    EXPECT_THAT(complaint_about("#\ngate\n"), StartsWith("allowed:2: must begin with a key"));
    EXPECT_THAT(complaint_about("secret " + gate_.text), StartsWith("allowed:1: is a secret key"));
    EXPECT_THAT(complaint_about(gate_.text + " a\n#\n" + gate_.text + " b\n"),
                StartsWith("allowed:3: this key stands further up"));
    EXPECT_THAT(complaint_about(""), StartsWith("allowed:1: is empty"));
    EXPECT_EQ(complaint_about("#\n"), "no error");
}

TEST_F(AllowLists, AreReadAgainWhenTheyChange) {
    write(gate_.text + "\n");
    AllowListFile list(file_);
    EXPECT_TRUE(list.list().contains(gate_));
    EXPECT_FALSE(list.refresh());
    const auto time = fs::last_write_time(file_);
    write(yard_.text + "\n");
    fs::last_write_time(file_, time);  // of the same size and time
    EXPECT_TRUE(list.refresh());
    EXPECT_FALSE(list.list().contains(gate_));
    EXPECT_TRUE(list.list().contains(yard_));
    write("# a comment\n" + yard_.text + " yard\n");
    EXPECT_FALSE(list.refresh());  // the same terminals
}

TEST_F(AllowLists, StayAsTheyWereWhileTheFileIsWrong) {
    write(gate_.text + "\n");
    AllowListFile list(file_);
    for (const std::string& wrong : {std::string("gate\n"), std::string()}) {
        write(wrong);
        EXPECT_THAT(complaint_of(list), HasSubstr("allowed:1: "));
        EXPECT_EQ(complaint_of(list), "no error") << "said twice";
        EXPECT_TRUE(list.list().contains(gate_));
    }
    fs::remove(file_);
    EXPECT_THAT(complaint_of(list), HasSubstr("allowed: cannot be read"));
    EXPECT_TRUE(list.list().contains(gate_));
    write(gate_.text + "\n");
    EXPECT_FALSE(list.refresh());
    fs::remove(file_);
    EXPECT_THAT(complaint_of(list), HasSubstr("allowed: cannot be read"));
    write(yard_.text + "\n");
    EXPECT_TRUE(list.refresh());
}

TEST_F(AllowLists, AreNotTakenFromAFileThatAnybodyMayWrite) {
    write(gate_.text + "\n");
    fs::permissions(file_, fs::perms::others_write, fs::perm_options::add);
    EXPECT_THROW(AllowListFile{file_}, Error);
    EXPECT_THROW(AllowListFile(folder_ / "none"), Error);
}

}  // namespace
}  // namespace caplamp::transport
