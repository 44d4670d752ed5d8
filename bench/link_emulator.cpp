// SPDX-License-Identifier: Apache-2.0
// caplamp-link: a bad network between terminals and a server on one machine.
#include "transport/link_emulator.hpp"

#include <CLI/CLI.hpp>
#include <chrono>
#include <csignal>
#include <ctime>
#include <iostream>
#include <optional>
#include <string>

#include "core/error.hpp"
#include "transport/link_conditions.hpp"

namespace caplamp {
namespace {

using namespace transport;
using std::chrono::steady_clock;

/// What the command line says about both directions, over the preset.
struct Flags {
    std::uint16_t listen = 7008;
    std::string to = "127.0.0.1:7007";
    std::string preset = "paper";
    std::string trace;
    std::optional<double> up_mbps;
    std::optional<double> down_mbps;
    std::optional<double> delay_ms;
    std::optional<double> jitter_ms;
    double stall_every_s = 0;
    double stall_for_ms = 0;
};

std::chrono::microseconds from_milliseconds(double value) {
    return std::chrono::microseconds(std::llround(value * 1000));
}

LinkConditions conditions_of(const Flags& flags) {
    const std::optional<LinkConditions> known = preset(flags.preset);
    if (!known) throw Error("--preset " + flags.preset + ": there is none; see --help");
    LinkConditions conditions = *known;
    if (flags.up_mbps) conditions.up.megabits_per_second = *flags.up_mbps;
    if (flags.down_mbps) conditions.down.megabits_per_second = *flags.down_mbps;
    for (DirectionConditions* direction : {&conditions.up, &conditions.down}) {
        if (flags.delay_ms) direction->delay = from_milliseconds(*flags.delay_ms);
        if (flags.jitter_ms) direction->jitter = from_milliseconds(*flags.jitter_ms);
        direction->stall_every = std::chrono::milliseconds(std::llround(flags.stall_every_s * 1e3));
        direction->stall_for = std::chrono::milliseconds(std::llround(flags.stall_for_ms));
    }
    return conditions;
}

LinkEmulatorConfig config_of(const Flags& flags) {
    const std::size_t colon = flags.to.rfind(':');
    unsigned port = 0;
    try {
        port = static_cast<unsigned>(std::stoul(flags.to.substr(colon + 1)));
    } catch (const std::exception&) {
        port = 0;
    }
    if (colon == std::string::npos || port == 0 || port > 65535) {
        throw Error("--to " + flags.to + ": is not HOST:PORT");
    }
    return {.listen = flags.listen,
            .host = flags.to.substr(0, colon),
            .port = static_cast<std::uint16_t>(port),
            .conditions = conditions_of(flags)};
}

/// A line a second while something moves, until a signal comes.
void run(const Flags& flags, const sigset_t& signals) {
    std::optional<LinkTrace> trace;
    if (!flags.trace.empty()) trace = LinkTrace::load(flags.trace);
    LinkEmulatorConfig config = config_of(flags);
    const auto follow = [&](steady_clock::duration elapsed) {
        if (trace) config.conditions = {trace->at(elapsed), trace->at(elapsed)};
    };
    follow({});
    LinkEmulator emulator(config);
    std::cout << "listening at " << emulator.address() << std::endl;
    const auto begin = steady_clock::now();
    LinkEmulatorCounts before;
    // Ten times a second, as traces of radio links are written.
    for (int round = 1;; ++round) {
        const timespec pause{.tv_sec = 0, .tv_nsec = 100'000'000};
        if (sigtimedwait(&signals, nullptr, &pause) > 0) return;
        if (trace) {
            follow(steady_clock::now() - begin);
            emulator.set(config.conditions);
        }
        if (round % 10 != 0) continue;
        const LinkEmulatorCounts now = emulator.counts();
        if (now == before) continue;
        const auto megabits = [](std::uint64_t bytes) { return static_cast<double>(bytes) * 8e-6; };
        std::cerr << "connections=" << now.connections
                  << " up_mbps=" << megabits(now.up_bytes - before.up_bytes)
                  << " down_mbps=" << megabits(now.down_bytes - before.down_bytes)
                  << " on_the_way=" << now.on_the_way << "\n";
        before = now;
    }
}

void add_options(CLI::App& program, Flags& flags) {
    std::string names;
    for (const std::string_view name : preset_names()) {
        names += (names.empty() ? "" : ", ") + std::string(name);
    }
    program.add_option("--listen", flags.listen,
                       "Port at 127.0.0.1; 0: any free one; default 7008");
    program.add_option("--to", flags.to, "HOST:PORT of the server; default " + flags.to);
    program.add_option("--preset", flags.preset, names + "; default " + flags.preset);
    program.add_option("--trace", flags.trace,
                       "CSV of time (s), rate (Mbit/s), delay (ms); wins over all but --to");
    program.add_option("--up-mbps", flags.up_mbps, "Rate from terminal to server, Mbit/s");
    program.add_option("--down-mbps", flags.down_mbps, "Rate from server to terminal, Mbit/s");
    program.add_option("--delay-ms", flags.delay_ms, "Delay of each direction");
    program.add_option("--jitter-ms", flags.jitter_ms, "Up to this is added to each delay");
    program.add_option("--stall-every-s", flags.stall_every_s, "Nothing is sent every so often");
    program.add_option("--stall-for-ms", flags.stall_for_ms, "for so long");
}

}  // namespace
}  // namespace caplamp

int main(int count, char** words) try {
    CLI::App program(
        "A bad network between terminals and a server: a TCP proxy with a rate, delay, "
        "jitter and stalls");
    caplamp::Flags flags;
    caplamp::add_options(program, flags);
    CLI11_PARSE(program, count, words);
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);  // before any thread, so that all inherit it
    caplamp::run(flags, signals);
    return 0;
} catch (const std::exception& e) {
    std::cerr << "error: " << e.what() << "\n";
    return 2;
}
