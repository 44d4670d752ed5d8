// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <filesystem>
#include <string>
#include <string_view>

/// The keys of the encrypted link (CurveZMQ, rfc.zeromq.org/spec/26) and the files that hold them;
/// docs/security.md has their format.
namespace caplamp::transport {

/// 40 letters of Z85, as read_secret_key() and new_key_pair() give them.
struct SecretKey {
    std::string text;
};

/// The same. Two types, so that a secret key is never sent where a public one belongs.
struct PublicKey {
    std::string text;
    auto operator<=>(const PublicKey&) const = default;
};

struct KeyPair {
    SecretKey secret_key;
    PublicKey public_key;
};

/// A random pair. Throws Error when ZeroMQ was built without CURVE.
KeyPair new_key_pair();
PublicKey public_key_of(const SecretKey& key);

struct KeyFiles {
    std::filesystem::path secret_key;  // NAME.key, only its owner may read it
    std::filesystem::path public_key;  // NAME.pub
};

/// Makes both files and their folder. Throws Error when one exists already, or cannot be written;
/// then there is neither.
KeyFiles write_key_pair(const std::filesystem::path& name, const KeyPair& keys);

/// Throws Error naming file and line unless the file holds one secret key and only its owner may
/// read it.
SecretKey read_secret_key(const std::filesystem::path& file);
/// Throws Error naming file and line unless the file holds one public key.
PublicKey read_public_key(const std::filesystem::path& file);

/// The key at the beginning of `line`; what follows is for people. Throws Error "PLACE: why".
PublicKey public_key_in(std::string_view line, const std::string& place);

}  // namespace caplamp::transport
