// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "transport/key_file.hpp"

namespace caplamp::transport {

/// The public keys of the terminals that a server lets in.
class AllowList {
public:
    AllowList() = default;  // nobody
    explicit AllowList(std::set<PublicKey> keys) : keys_(std::move(keys)) {}
    /// One key a line, a name behind it for people; lines with # are comments. Throws Error
    /// "FILE:LINE: why" on anything else, on a key that stands there twice, and on no text at all.
    static AllowList parse(std::string_view text, const std::string& file);

    bool contains(const PublicKey& key) const { return keys_.contains(key); }
    std::size_t size() const { return keys_.size(); }
    bool operator==(const AllowList&) const = default;

private:
    std::set<PublicKey> keys_;
};

/// An allow-list in a file that changes while the server runs. One thread.
class AllowListFile {
public:
    /// Reads it. Throws Error when it is missing, wrong, or anybody may write to it.
    explicit AllowListFile(std::filesystem::path file);

    const AllowList& list() const { return list_; }
    /// Reads again; true when list() is another one now. Throws Error when the file has become
    /// wrong, once for each complaint; list() stays as it was.
    bool refresh();

private:
    std::filesystem::path file_;
    // Content is compared instead of time and size: these miss quick changes. A list of 1000
    // terminals has 60 kB.
    std::optional<std::string> text_;
    std::string complaint_;  // the last one; empty when all was well
    AllowList list_;
};

}  // namespace caplamp::transport
