// SPDX-License-Identifier: Apache-2.0
#include "app/server.hpp"

#include <spdlog/spdlog.h>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "app/cuts.hpp"
#include "app/link_keys.hpp"
#include "app/model_id.hpp"
#include "app/server_half.hpp"
#include "core/error.hpp"
#include "transport/server_end.hpp"
#include "transport/socket_options.hpp"

namespace caplamp::app {
namespace {

transport::ServerEndConfig end_config(const ServerConfig& config,
                                      const std::optional<ServerGate>& gate, const Model& model) {
    transport::ServerEndConfig end{.listen = config.listen,
                                   .model = model_id(model),
                                   .classes = model.classes,
                                   .most_terminals = static_cast<std::size_t>(config.terminals),
                                   .patience = config.patience};
    if (gate) end.keys = transport::ServerKeys{gate->own, gate->allowed.list()};
    end.welcome.software = "caplamp";
    end.welcome.credits = static_cast<std::uint16_t>(config.credits);
    end.welcome.cuts = cuts_of(model);
    for (const transport::Codec& codec : transport::all_codecs()) {
        end.welcome.codecs.push_back(to_string(codec));
    }
    return end;
}

void work(transport::ServerEnd& end, ServerHalf& half, const std::stop_token& stop) {
    while (const auto job = end.next(stop)) end.answer(*job, half.run(*job));
}

/// A list that has become wrong changes nothing but the log.
void renew_allow_list(ServerGate& gate, transport::ServerEnd& end) {
    try {
        if (!gate.allowed.refresh()) return;
        end.allow(gate.allowed.list());
        spdlog::info("allowed_terminals={}", gate.allowed.list().size());
    } catch (const Error& e) {
        spdlog::error("allow=unchanged allowed_terminals={} why=\"{}\"", gate.allowed.list().size(),
                      e.what());
    }
}

/// A line a second while something happens; as often a look at who may come in.
void watch(transport::ServerEnd& end, std::optional<ServerGate>& gate,
           const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any never;
    std::unique_lock lock(mutex);
    transport::ServerEndCounts before;
    while (!never.wait_for(lock, stop, std::chrono::seconds(1), [] { return false; }) &&
           !stop.stop_requested()) {
        if (gate) renew_allow_list(*gate, end);
        const transport::ServerEndCounts now = end.counts();
        if (now == before) continue;
        spdlog::info(
            "terminals={} frames={} per_second={} waiting={} waiting_bytes={} refused={} denied={}",
            now.terminals, now.answered, now.answered - before.answered, now.waiting,
            now.waiting_bytes, now.refused, now.denied);
        before = now;
    }
}

}  // namespace

void run_server(const ServerConfig& config, const std::stop_token& stop,
                const std::function<void(const std::string&)>& listening) {
    std::optional<ServerGate> gate = read_server_gate(config);
    const auto model = std::make_shared<const Model>(load_model(config.model, config.weights));
    transport::ServerEnd end(end_config(config, gate, *model));
    std::vector<std::unique_ptr<ServerHalf>> halves;
    std::vector<std::jthread> workers;
    for (int i = 0; i < config.workers; ++i) {
        halves.push_back(
            std::make_unique<ServerHalf>(model, ServerHalfConfig{.threads = config.threads}));
        workers.emplace_back([&end, &half = *halves.back(), stop] { work(end, half, stop); });
    }
    spdlog::info("listen={} model={} workers={} threads={} credits={}", end.address(),
                 model_id(*model), config.workers, config.threads, config.credits);
    if (gate) {
        spdlog::info("encrypted=yes allowed_terminals={}", gate->allowed.list().size());
    } else if (transport::is_on_network(config.listen)) {
        spdlog::warn("encrypted=no: anybody on the network may read, and is let in");
    }
    listening(end.address());
    watch(end, gate, stop);
}

}  // namespace caplamp::app
