// SPDX-License-Identifier: Apache-2.0
#include "capture/address.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "core/error.hpp"
#include "tests/capture/test_media.hpp"

namespace caplamp::capture {
namespace {

TEST(Address, HidesUserPasswordAndQuery) {
    EXPECT_EQ(name_without_secrets("rtsp://admin:s3cret@cam.local:554/live?token=abc"),
              "rtsp://cam.local:554/live");
    EXPECT_EQ(name_without_secrets("http://cam/stream"), "http://cam/stream");
    EXPECT_EQ(name_without_secrets("film.avi"), "film.avi");
}

TEST(Address, HidesPasswordsThatBreakTheRules) {
    EXPECT_EQ(name_without_secrets("rtsp://admin:p/w@cam/live"), "rtsp://cam/live");
    EXPECT_EQ(name_without_secrets("rtsp://admin:p@w@cam/live"), "rtsp://cam/live");
    EXPECT_EQ(name_without_secrets("rtsp://admin:p?w#x@cam/live"), "rtsp://cam/live");
}

TEST(Address, TellsTheKindsApart) {
    const test::TempFolder folder;
    test::write_text(folder / "film.avi", "x");
    test::write_text(folder / "a.PNG", "x");
    EXPECT_EQ(kind_of("rtsp://cam/live"), SourceKind::stream);
    EXPECT_EQ(kind_of("HTTPS://cam/live"), SourceKind::stream);
    EXPECT_EQ(kind_of((folder / "film.avi").string()), SourceKind::video_file);
    EXPECT_EQ(kind_of((folder / "a.PNG").string()), SourceKind::picture);
    EXPECT_EQ(kind_of(folder.path().string()), SourceKind::folder);
    EXPECT_EQ(kind_of("/dev/null"), SourceKind::device);
}

std::string complaint_about(const std::string& source) {
    try {
        kind_of(source);
    } catch (const Error& e) {
        return e.what();
    }
    return "no error";
}

TEST(Address, ComplainsAboutWhatIsNotThere) {
    EXPECT_EQ(complaint_about("missing.avi"), "missing.avi: no such file, folder or device");
    EXPECT_EQ(complaint_about(""), "source: is empty");
}

TEST(Address, ComplainsAboutOtherSchemesWithoutTheirSecrets) {
    EXPECT_EQ(complaint_about("ftp://me:secret@host/film"),
              "ftp://host/film: ftp:// is not supported; use rtsp://, rtsps://, http:// or "
              "https://");
}

TEST(Address, RefusesAPipeThatCouldBlockForEver) {
    const test::TempFolder folder;
    const std::string pipe = (folder / "pipe").string();
    ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
    EXPECT_EQ(complaint_about(pipe), pipe + ": is neither a file, a folder nor a camera");
}

}  // namespace
}  // namespace caplamp::capture
