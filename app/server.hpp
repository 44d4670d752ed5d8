// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <stop_token>
#include <string>

#include "app/link_config.hpp"

namespace caplamp::app {

/// `caplamp server`: finishes the frames of many terminals until `stop`. `listening` hears the
/// address once terminals may come. Throws Error when it cannot begin.
void run_server(const ServerConfig& config, const std::stop_token& stop,
                const std::function<void(const std::string&)>& listening);

}  // namespace caplamp::app
