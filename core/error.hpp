// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdexcept>

namespace caplamp {

/// What a person must fix before the program can go on: a file, a setting, an address.
/// Things that happen in normal running (the end of a video, a full link) are return values.
/// The message begins with the file it is about: "weights/x.safetensors: why".
class Error : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// The message begins with where: "config/detect.yaml:7: detect.score: must be 0..1, is 3".
class ConfigError : public Error {
public:
    using Error::Error;
};

}  // namespace caplamp
