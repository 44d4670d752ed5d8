// SPDX-License-Identifier: Apache-2.0
// The link without the network: many terminals send frames of a given size at a given rate to one
// server over loopback, with and without encryption. Are all credits given back, does the memory
// stay, how many bytes a second are there?
#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "transport/key_file.hpp"
#include "transport/server_end.hpp"
#include "transport/terminal_end.hpp"

namespace caplamp::bench {
namespace {

using Clock = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

struct Options {
    int terminals = 16;
    double rate = 10;                  // frames a second of each; 0: as fast as credits come back
    std::size_t bytes = 64 * 80 * 80;  // of a frame: q8 at the cut 4-5 of a 640x640 picture
    int seconds = 20;                  // of each round
    int rounds = 3;                    // of both in turns
    bool curve = true;                 // beside the plain link
};

transport::Codec codec() { return {transport::Number::f32, 32, transport::Stage::none}; }

/// Megabytes of memory that this process holds.
double resident_megabytes() {
    std::ifstream file("/proc/self/statm");
    double whole = 0;
    double resident = 0;
    file >> whole >> resident;
    return resident * 4096 / 1e6;
}

struct Outcome {
    std::uint64_t sent = 0;
    std::uint64_t answered = 0;  // `ok`
    std::uint64_t other = 0;     // answered otherwise
    std::uint64_t outages = 0;
    std::vector<double> milliseconds{};  // from sending to the answer
    double seconds = 0;

    void add(const Outcome& more) {
        sent += more.sent;
        answered += more.answered;
        other += more.other;
        outages += more.outages;
        milliseconds.insert(milliseconds.end(), more.milliseconds.begin(), more.milliseconds.end());
        seconds = std::max(seconds, more.seconds);
    }
    double quantile(double q) {
        if (milliseconds.empty()) return 0;
        std::ranges::sort(milliseconds);
        const auto last = static_cast<double>(milliseconds.size() - 1);
        return milliseconds[static_cast<std::size_t>(q * last)];
    }
};

struct Keys {
    std::optional<transport::ServerKeys> server;
    std::optional<transport::TerminalKeys> terminal;
};

/// One terminal: sends while there are credits and it is time, waits for the answers.
class Terminal {
public:
    Terminal(const Options& options, const std::string& server, const Keys& keys)
        : options_(options),
          end_({.servers = {server},
                .keys = keys.terminal,
                .hello = {.model = "bench", .classes = {"a"}, .cuts = {"3"}, .codecs = {"f32"}}}),
          payload_(options.bytes) {}

    Outcome run(const std::stop_token& stop) {
        const auto begin = Clock::now();
        while (const auto event = end_.next(stop)) {
            if (const auto* up = std::get_if<transport::LinkUp>(&*event)) {
                session_ = up->session;
                end_.send(session_, {transport::Plan{.id = 1, .cut = "3", .codec = "f32"}});
                // At a rate, each answer is awaited, so that its time is the link's.
                const int ahead = options_.rate > 0 ? 1 : up->welcome.credits;
                for (int i = 0; i < ahead; ++i) send();
            } else if (const auto* result = std::get_if<transport::LinkResult>(&*event)) {
                take(*result);
                wait_for_its_turn(stop);
                send();
            } else {
                ++outcome_.outages;
            }
        }
        outcome_.seconds = Seconds(Clock::now() - begin).count();
        return outcome_;
    }

private:
    void wait_for_its_turn(const std::stop_token& stop) {
        if (options_.rate <= 0) return;
        next_ = std::max(next_ + Seconds(1 / options_.rate), Seconds(Clock::now() - zero_));
        while (!stop.stop_requested() && Seconds(Clock::now() - zero_) < next_) {
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
    }
    void send() {
        transport::FrameHeader header{.plan = 1,
                                      .sequence = outcome_.sent++,
                                      .picture_width = 640,
                                      .picture_height = 640,
                                      .input_width = 640,
                                      .input_height = 640};
        const auto numbers = static_cast<int>(options_.bytes / 4);
        header.tensors.push_back({.value = 1,
                                  .shape = {1, 1, numbers},
                                  .codec = codec(),
                                  .checksum = transport::checksum(payload_)});
        transport::Envelope envelope{std::move(header)};
        envelope.parts.push_back(transport::part_of(payload_));
        sent_.push_back(Clock::now());
        end_.send(session_, std::move(envelope));
    }
    void take(const transport::LinkResult& result) {
        const auto passed = Seconds(Clock::now() - sent_[result.result.sequence]);
        outcome_.milliseconds.push_back(1000 * passed.count());
        const bool ok = result.result.status == transport::Status::ok;
        ++(ok ? outcome_.answered : outcome_.other);
    }

    Options options_;
    transport::TerminalEnd end_;
    std::vector<std::uint8_t> payload_;
    std::uint32_t session_ = 0;
    std::vector<Clock::time_point> sent_;
    Clock::time_point zero_ = Clock::now();
    Seconds next_{};
    Outcome outcome_;
};

Outcome run_round(const Options& options, const Keys& keys) {
    transport::ServerEnd server(
        {.listen = "tcp://127.0.0.1:0",
         .keys = keys.server,
         .model = "bench",
         .classes = {"a"},
         .welcome = {
             .credits = 3, .largest_message = 32U << 20, .cuts = {"3"}, .codecs = {"f32"}}});
    const std::jthread worker([&](const std::stop_token& stop) {
        while (const auto job = server.next(stop)) server.answer(*job, {});
    });
    Outcome all;
    std::mutex mutex;
    std::vector<std::jthread> terminals;
    for (int i = 0; i < options.terminals; ++i) {
        terminals.emplace_back([&](const std::stop_token& stop) {
            const Outcome own = Terminal(options, server.address(), keys).run(stop);
            const std::lock_guard lock(mutex);
            all.add(own);
        });
    }
    for (int second = 0; second < options.seconds; ++second) {
        std::this_thread::sleep_for(std::chrono::seconds(1));
        if (options.seconds >= 60 && second % 60 == 0) {
            std::printf("  after %4d s: %.1f MB resident, %zu frames waiting\n", second,
                        resident_megabytes(), server.counts().waiting);
            std::fflush(stdout);
        }
    }
    for (std::jthread& terminal : terminals) terminal.request_stop();
    terminals.clear();
    return all;
}

void report(const char* name, Outcome& outcome, const Options& options) {
    const double frames = static_cast<double>(outcome.answered) / outcome.seconds;
    std::printf(
        "%-6s %8.1f frames/s %8.1f MB/s  sent %llu ok %llu other %llu outages %llu  "
        "ms p50 %.2f p99 %.2f\n",
        name, frames, frames * static_cast<double>(options.bytes) / 1e6,
        static_cast<unsigned long long>(outcome.sent),
        static_cast<unsigned long long>(outcome.answered),
        static_cast<unsigned long long>(outcome.other),
        static_cast<unsigned long long>(outcome.outages), outcome.quantile(0.5),
        outcome.quantile(0.99));
    std::fflush(stdout);
}

Keys make_keys() {
    const transport::KeyPair server = transport::new_key_pair();
    const transport::KeyPair terminal = transport::new_key_pair();
    return {.server = transport::ServerKeys{.own = server.secret_key,
                                            .allowed = transport::AllowList({terminal.public_key})},
            .terminal = transport::TerminalKeys{.own = terminal.secret_key,
                                                .servers = {server.public_key}}};
}

void compare(const Options& options) {
    std::printf("%d terminals, %.1f frames/s each (0: as many as go), %zu bytes a frame\n",
                options.terminals, options.rate, options.bytes);
    const Keys none;
    const Keys both = make_keys();
    for (int round = 0; round < options.rounds; ++round) {
        Outcome plain = run_round(options, none);
        report("plain", plain, options);
        if (!options.curve) continue;
        Outcome curve = run_round(options, both);
        report("curve", curve, options);
    }
}

}  // namespace
}  // namespace caplamp::bench

int main(int argc, char** argv) {
    caplamp::bench::Options options;
    CLI::App app{"The link without the network, over loopback"};
    app.add_option("--terminals", options.terminals, "side by side")->capture_default_str();
    app.add_option("--rate", options.rate, "frames a second of each; 0: as many as go")
        ->capture_default_str();
    app.add_option("--bytes", options.bytes, "of a frame, a multiple of 4")->capture_default_str();
    app.add_option("--seconds", options.seconds, "of each round")->capture_default_str();
    app.add_option("--rounds", options.rounds, "plain and encrypted in turns")
        ->capture_default_str();
    app.add_flag("!--no-curve", options.curve, "the plain link alone");
    CLI11_PARSE(app, argc, argv);
    try {
        caplamp::bench::compare(options);
    } catch (const std::exception& e) {
        std::fprintf(stderr, "link_bench: %s\n", e.what());
        return 1;
    }
    return 0;
}
