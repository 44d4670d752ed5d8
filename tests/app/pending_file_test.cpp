// SPDX-License-Identifier: Apache-2.0
#include "app/pending_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>

#include "core/error.hpp"
#include "tests/app/program.hpp"
#include "tests/capture/test_media.hpp"

namespace caplamp::app {
namespace {

TEST(PendingFile, GetsItsNameWhenItIsWhole) {
    const test::TempFolder folder;
    const std::filesystem::path name = folder / "deep/er/a.txt";
    PendingFile file(name);
    file.write("hello");
    EXPECT_FALSE(std::filesystem::exists(name));
    file.commit();
    EXPECT_EQ(test::read_text(name), "hello");
    EXPECT_FALSE(std::filesystem::exists(file.part()));
}

TEST(PendingFile, LeavesNothingWhenNobodyCommits) {
    const test::TempFolder folder;
    { PendingFile(folder / "a.txt").write("half"); }
    EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(PendingFile, LeavesTheOldFileAloneUntilTheNewOneIsWhole) {
    const test::TempFolder folder;
    test::write_text(folder / "a.txt", "old");
    { PendingFile(folder / "a.txt").write("half"); }
    EXPECT_EQ(test::read_text(folder / "a.txt"), "old");
    PendingFile file(folder / "a.txt");
    file.write("new");
    file.commit();
    EXPECT_EQ(test::read_text(folder / "a.txt"), "new");
}

TEST(PendingFile, ShowsWhatItHasWhenFlushed) {
    const test::TempFolder folder;
    PendingFile file(folder / "a.txt");
    file.write("line\n");
    file.flush();
    EXPECT_EQ(test::read_text(file.part()), "line\n");
}

TEST(PendingFile, ComplainsAboutPlacesThatCannotBeWritten) {
    const test::TempFolder folder;
    EXPECT_THROW(PendingFile(folder.path()), Error);
    EXPECT_THROW(PendingFile("/proc/no-such/place.txt"), Error);
    test::write_text(folder / "file", "x");
    EXPECT_THROW(PendingFile(folder / "file/inside.txt"), Error);
}

/// Stands for a full disk: no file of this process may grow past `bytes`.
class SmallDisk {
public:
    explicit SmallDisk(rlim_t bytes) {
        std::signal(SIGXFSZ, SIG_IGN);
        getrlimit(RLIMIT_FSIZE, &before_);
        rlimit small{bytes, before_.rlim_max};
        setrlimit(RLIMIT_FSIZE, &small);
    }
    ~SmallDisk() { setrlimit(RLIMIT_FSIZE, &before_); }
    SmallDisk(const SmallDisk&) = delete;
    SmallDisk& operator=(const SmallDisk&) = delete;

private:
    rlimit before_{};
};

TEST(PendingFile, NoticesAFullDiskAndLeavesNothing) {
    const test::TempFolder folder;
    {
        PendingFile file(folder / "a.txt");
        const SmallDisk disk(1000);
        file.write(std::string(5000, 'x'));
        try {
            file.commit();
            FAIL();
        } catch (const Error& e) {
            EXPECT_THAT(e.what(), testing::HasSubstr("a.txt: cannot be written: "));
        }
    }
    EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

}  // namespace
}  // namespace caplamp::app
