// SPDX-License-Identifier: Apache-2.0
#include "app/link_keys.hpp"

#include <algorithm>

#include "core/error.hpp"
#include "transport/socket_options.hpp"

namespace caplamp::app {
namespace {

/// `words` name the two settings that belong together.
void check_both_or_none(bool first, bool second, const std::string& words) {
    if (first != second) throw Error(words + ": one is of no use without the other");
}

[[noreturn]] void ask_for_keys(const std::string& address, const std::string& words) {
    throw Error(address + ": has no keys, and so everybody on the network could read and speak; " +
                "make keys with caplamp keygen and name them with " + words +
                ", or add --insecure");
}

}  // namespace

std::optional<ServerGate> read_server_gate(const ServerConfig& config) {
    check_both_or_none(!config.key.empty(), !config.allow.empty(), "--key and --allow");
    if (!config.key.empty()) {
        return ServerGate{transport::read_secret_key(config.key),
                          transport::AllowListFile(config.allow)};
    }
    if (transport::is_on_network(config.listen) && !config.insecure) {
        ask_for_keys(config.listen, "--key and --allow");
    }
    return std::nullopt;
}

std::optional<transport::TerminalKeys> read_terminal_keys(const TerminalLinkConfig& config) {
    check_both_or_none(!config.key.empty(), !config.server_keys.empty(), "--key and --server-key");
    if (!config.key.empty()) {
        transport::TerminalKeys keys{transport::read_secret_key(config.key), {}};
        for (const std::string& file : config.server_keys) {
            keys.servers.push_back(transport::read_public_key(file));
        }
        return keys;
    }
    const auto open = std::ranges::find_if(config.servers, transport::is_on_network);
    if (open != config.servers.end() && !config.insecure) {
        ask_for_keys(*open, "--key and --server-key");
    }
    return std::nullopt;
}

}  // namespace caplamp::app
