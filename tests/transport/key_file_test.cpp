// SPDX-License-Identifier: Apache-2.0
#include "transport/key_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.hpp"
#include "tests/core/temp_folder.hpp"

namespace caplamp::transport {
namespace {

namespace fs = std::filesystem;
using testing::EndsWith;
using testing::HasSubstr;

template <class Act>
std::string complaint(const Act& act) {
    try {
        act();
    } catch (const Error& e) {
        return e.what();
    }
    return "no error";
}

const std::string some_key = "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7";

TEST(KeyFile, APairIsWrittenAndReadAgain) {
    const test::TempFolder folder;
    const KeyPair pair = new_key_pair();
    const KeyFiles files = write_key_pair(folder / "keys/gate", pair);
    EXPECT_EQ(files.secret_key, folder / "keys/gate.key");
    EXPECT_EQ(files.public_key, folder / "keys/gate.pub");
    EXPECT_EQ(read_secret_key(files.secret_key).text, pair.secret_key.text);
    EXPECT_EQ(read_public_key(files.public_key), pair.public_key);
    EXPECT_EQ(public_key_of(pair.secret_key), pair.public_key);
    EXPECT_NE(new_key_pair().secret_key.text, pair.secret_key.text);
}

TEST(KeyFile, OnlyTheOwnerMayReadTheSecretKey) {
    const test::TempFolder folder;
    const KeyFiles files = write_key_pair(folder / "gate", new_key_pair());
    EXPECT_EQ(fs::status(files.secret_key).permissions(),
              fs::perms::owner_read | fs::perms::owner_write);
    for (const fs::perms right : {fs::perms::group_read, fs::perms::others_read}) {
        fs::permissions(files.secret_key, fs::perms::owner_read | right);
        EXPECT_THAT(complaint([&] { read_secret_key(files.secret_key); }),
                    HasSubstr("gate.key: others may read this secret key; chmod 600"));
    }
}

TEST(KeyFile, OverwritesNothingAndLeavesNoHalfPair) {
    const test::TempFolder folder;
    test::write_text(folder / "a.key", "mine");
    EXPECT_THAT(complaint([&] { write_key_pair(folder / "a", new_key_pair()); }),
                HasSubstr("a.key: exists already"));
    EXPECT_FALSE(fs::exists(folder / "a.pub"));
    EXPECT_EQ(fs::file_size(folder / "a.key"), 4U);
    test::write_text(folder / "b.pub", "mine");
    EXPECT_THAT(complaint([&] { write_key_pair(folder / "b", new_key_pair()); }),
                HasSubstr("b.pub: exists already"));
    EXPECT_FALSE(fs::exists(folder / "b.key"));
    EXPECT_EQ(fs::file_size(folder / "b.pub"), 4U);
}

TEST(KeyFile, RefusesNamesThatAreNone) {
    const test::TempFolder folder;
    for (const char* name : {"", "keys/", "ga\nte"}) {
        EXPECT_THAT(complaint([&] { write_key_pair(folder.path() / name, new_key_pair()); }),
                    HasSubstr("is not a name for keys"));
    }
    test::write_text(folder / "file", "");
    EXPECT_THAT(complaint([&] { write_key_pair(folder / "file/gate", new_key_pair()); }),
                HasSubstr("file: cannot be made: "));
}

TEST(KeyFile, MistakesNameFileAndLine) {
    const test::TempFolder folder;
    const fs::path file = folder / "x";
    const auto secret = [&](const std::string& text) {
        test::write_text(file, text);
        fs::permissions(file, fs::perms::owner_read | fs::perms::owner_write);
        return complaint([&] { read_secret_key(file); });
    };
    EXPECT_EQ(secret("# mine\r\n\r\n  secret \t " + some_key + " \r\n"), "no error");
    EXPECT_THAT(secret(""), EndsWith("x:1: holds no key"));
    EXPECT_THAT(secret("# mine\n" + some_key + " gate\n"), HasSubstr("x:2: must be 'secret KEY'"));
    EXPECT_THAT(secret("secret\n"), EndsWith("x:1: the key is damaged"));
    EXPECT_THAT(secret("secret " + some_key.substr(1)), EndsWith("x:1: the key is damaged"));
    EXPECT_THAT(secret("\nsecret " + some_key + "\nsecret " + some_key),
                EndsWith("x:3: a second key"));
    const KeyFiles pair = write_key_pair(folder / "gate", new_key_pair());
    EXPECT_THAT(complaint([&] { read_secret_key(pair.public_key); }),
                HasSubstr("gate.pub:2: must be 'secret KEY'"));
    const auto pub = [&](const std::string& text) {
        test::write_text(file, text);
        return complaint([&] { read_public_key(file); });
    };
    EXPECT_EQ(pub("#\n" + some_key), "no error");
    EXPECT_THAT(pub("# mine\nsecret " + some_key), HasSubstr("x:2: is a secret key"));
    EXPECT_THAT(pub("gate " + some_key), HasSubstr("x:1: must begin with a key"));
    EXPECT_THAT(pub(some_key.substr(0, 39) + "~ gate"), HasSubstr("x:1: must begin with a key"));
    EXPECT_THAT(pub(some_key + "1"), HasSubstr("x:1: must begin with a key"));
    EXPECT_THAT(complaint([&] { read_public_key(folder / "none"); }),
                EndsWith("none: cannot be read: No such file or directory"));
    EXPECT_THAT(complaint([&] { read_public_key(folder.path()); }), EndsWith("is not a file"));
}

}  // namespace
}  // namespace caplamp::transport
