// SPDX-License-Identifier: Apache-2.0
#include "app/server.hpp"

#include <spdlog/spdlog.h>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "app/cuts.hpp"
#include "app/model_id.hpp"
#include "app/server_half.hpp"
#include "core/error.hpp"
#include "transport/server_end.hpp"
#include "transport/socket_options.hpp"

namespace caplamp::app {
namespace {

transport::ServerEndConfig end_config(const ServerConfig& config, const Model& model) {
    transport::ServerEndConfig end{.listen = config.listen,
                                   .model = model_id(model),
                                   .classes = model.classes,
                                   .most_terminals = static_cast<std::size_t>(config.terminals),
                                   .patience = config.patience};
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

/// A line a second while something happens.
void report(const transport::ServerEnd& end, const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any never;
    std::unique_lock lock(mutex);
    transport::ServerEndCounts before;
    while (!never.wait_for(lock, stop, std::chrono::seconds(1), [] { return false; }) &&
           !stop.stop_requested()) {
        const transport::ServerEndCounts now = end.counts();
        if (now == before) continue;
        spdlog::info("terminals={} frames={} per_second={} waiting={} waiting_bytes={} refused={}",
                     now.terminals, now.answered, now.answered - before.answered, now.waiting,
                     now.waiting_bytes, now.refused);
        before = now;
    }
}

}  // namespace

void run_server(const ServerConfig& config, const std::stop_token& stop,
                const std::function<void(const std::string&)>& listening) {
    if (!false && !config.insecure) {
        throw Error(config.listen +
                    ": others than this machine could call, and anybody would be let in; "
                    "--insecure allows it");
    }
    const auto model = std::make_shared<const Model>(load_model(config.model, config.weights));
    transport::ServerEnd end(end_config(config, *model));
    std::vector<std::unique_ptr<ServerHalf>> halves;
    std::vector<std::jthread> workers;
    for (int i = 0; i < config.workers; ++i) {
        halves.push_back(
            std::make_unique<ServerHalf>(model, ServerHalfConfig{.threads = config.threads}));
        workers.emplace_back([&end, &half = *halves.back(), stop] { work(end, half, stop); });
    }
    spdlog::info("listen={} model={} workers={} threads={} credits={}", end.address(),
                 model_id(*model), config.workers, config.threads, config.credits);
    listening(end.address());
    report(end, stop);
}

}  // namespace caplamp::app
