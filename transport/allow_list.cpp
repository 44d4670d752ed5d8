// SPDX-License-Identifier: Apache-2.0
#include "transport/allow_list.hpp"

#include <utility>

#include "core/error.hpp"
#include "transport/key_lines.hpp"
#include "transport/small_file.hpp"

namespace caplamp::transport {
namespace {

std::string read(const std::filesystem::path& file) {
    SmallFile read = read_small_file(file);
    if ((read.rights & 002) != 0) {
        throw Error(file.string() + ": anybody may write to it; chmod o-w " + file.string());
    }
    return std::move(read.text);
}

}  // namespace

AllowList AllowList::parse(std::string_view text, const std::string& file) {
    // So looks a file that is being written.
    if (text.empty()) {
        throw Error(file + ":1: is empty; a line with # alone allows nobody");
    }
    std::set<PublicKey> keys;
    for (const KeyLine& line : key_lines(text)) {
        const std::string place = file + ":" + std::to_string(line.number);
        // Whoever removes one of two lines believes that the key is revoked.
        if (!keys.insert(public_key_in(line.text, place)).second) {
            throw Error(place + ": this key stands further up already");
        }
    }
    return AllowList(std::move(keys));
}

AllowListFile::AllowListFile(std::filesystem::path file) : file_(std::move(file)) { refresh(); }

bool AllowListFile::refresh() {
    try {
        std::string text = read(file_);
        if (complaint_.empty() && text == text_) return false;
        AllowList list = AllowList::parse(text, file_.string());
        complaint_.clear();
        text_ = std::move(text);
        return std::exchange(list_, list) != list;
    } catch (const Error& e) {
        if (std::exchange(complaint_, e.what()) == e.what()) return false;
        throw;
    }
}

}  // namespace caplamp::transport
