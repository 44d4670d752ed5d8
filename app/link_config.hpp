// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "app/detect_config.hpp"
#include "app/split_plan.hpp"
#include "core/config_node.hpp"

namespace caplamp::app {

/// How a terminal reaches its servers, and what it sends them.
struct TerminalLinkConfig {
    std::vector<std::string> servers{"tcp://127.0.0.1:7007"};  // the preferred first
    std::filesystem::path key{};                               // this terminal's secret key
    std::vector<std::string> server_keys{};    // files; one for all servers, or one for each
    bool insecure = false;                     // without keys over a network
    PlanWords plan{};                          // the cut may be "local", too
    std::chrono::milliseconds patience{3000};  // silence after which a server counts as gone
};

/// One of several cameras of a terminal.
struct CameraConfig {
    std::string name;    // of its folder of outputs: letters, digits, - and _
    std::string source;  // as capture.source
    bool operator==(const CameraConfig&) const = default;
};

/// Why it cannot be a camera beside the others; empty when it can.
std::string problem_with(const CameraConfig& camera, const std::vector<CameraConfig>& others);

/// Everything that `caplamp terminal` can be told.
struct TerminalConfig {
    DetectConfig detect;
    std::vector<CameraConfig> cameras;  // empty: the one source of detect.capture
    TerminalLinkConfig link;

    /// Settings of the file over the defaults. Throws ConfigError naming line and setting.
    static TerminalConfig load(const std::filesystem::path& file);
    static TerminalConfig read(const ConfigNode& root);
};

/// Everything that `caplamp server` can be told.
struct ServerConfig {
    std::filesystem::path model = "models/caplamp-s.yaml";
    std::filesystem::path weights{};  // empty: NAME.safetensors beside the model
    std::string listen = "tcp://127.0.0.1:7007";
    std::filesystem::path key{};                // the server's secret key
    std::filesystem::path allow{};              // file with the public keys of its terminals
    bool insecure = false;                      // without keys over a network
    int workers = 1;                            // frames looked at side by side
    int threads = 1;                            // cores for each
    int credits = 3;                            // frames a camera may have on the way
    int terminals = 256;                        // at most
    std::chrono::milliseconds patience{10000};  // silence after which a terminal is forgotten

    static ServerConfig load(const std::filesystem::path& file);
    static ServerConfig read(const ConfigNode& root);
};

}  // namespace caplamp::app
