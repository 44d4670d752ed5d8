// SPDX-License-Identifier: Apache-2.0
// The whole network beside a plain oneDNN program of the same layers: both compiled once, their
// answers compared, then run in turns, so that whatever disturbs the machine disturbs both.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <functional>
#include <random>

#include "core/error.hpp"
#include "nn/costs.hpp"
#include "nn/executable.hpp"
#include "nn/kernels/threads.hpp"
#include "nn/random_weights.hpp"
#include "nn/reparameterise.hpp"
#include "plain_onednn.hpp"

namespace caplamp::bench {
namespace {

struct Options {
    std::string model = "models/caplamp-s.yaml";
    int width = 640;
    int height = 640;
    int threads = 1;
    int runs = 40;
    std::string kernel;
    bool steps = false;
};

/// Time on the wall, and of the processor in this thread: on a busy machine the second still says
/// what the work costs (with one thread; with more it misses the others).
struct Times {
    std::vector<double> wall_ms;
    std::vector<double> cpu_ms;
};

double cpu_milliseconds() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

void time(auto&& run, Times& times) {
    const double cpu = cpu_milliseconds();
    const auto start = std::chrono::steady_clock::now();
    run();
    const std::chrono::duration<double, std::milli> wall = std::chrono::steady_clock::now() - start;
    times.wall_ms.push_back(wall.count());
    times.cpu_ms.push_back(cpu_milliseconds() - cpu);
}

double quantile(std::vector<double> values, double share) {
    std::ranges::sort(values);
    const auto last = static_cast<double>(values.size() - 1);
    return values[static_cast<std::size_t>(std::lround(share * last))];
}

double largest_difference(const std::vector<float>& a, std::span<const float> b) {
    if (a.size() != b.size()) return INFINITY;
    double difference = 0;
    double magnitude = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (!std::isfinite(a[i]) || !std::isfinite(b[i])) return INFINITY;
        difference = std::max(difference, static_cast<double>(std::abs(a[i] - b[i])));
        magnitude = std::max(magnitude, static_cast<double>(std::abs(a[i])));
    }
    return difference / magnitude;
}

void check_answers(nn::Executable& ours, PlainOneDnn& plain) {
    std::mt19937 engine(1);
    std::uniform_real_distribution<float> between(0, 1);
    const auto picture = ours.input(0).data();
    for (float& x : picture) x = between(engine);
    std::ranges::copy(picture, plain.input().begin());
    ours.run();
    plain.run();
    const auto expected = plain.outputs();
    for (std::size_t i = 0; i < expected.size(); ++i) {
        const double error = largest_difference(expected[i], ours.output(i).data());
        if (!(error <= 1e-4)) {
            throw Error("output " + std::to_string(i) + " differs from the plain program's by " +
                        std::to_string(error));
        }
    }
}

void print_row(const char* name, const Times& times, double giga_flop) {
    const double median = quantile(times.wall_ms, 0.5);
    const double cpu = quantile(times.cpu_ms, 0.5);
    std::printf("%-14s %9.2f %9.2f %9.2f %8.3f %9.2f %8.3f %10.1f\n", name,
                quantile(times.wall_ms, 0), median, quantile(times.wall_ms, 0.95),
                quantile(times.wall_ms, 0.95) / median, cpu, quantile(times.cpu_ms, 0.95) / cpu,
                giga_flop / cpu * 1e3);
}

double median_of_ratios(const std::vector<double>& a, const std::vector<double>& b) {
    std::vector<double> ratios(a.size());
    std::ranges::transform(a, b, ratios.begin(), std::divides{});
    return quantile(ratios, 0.5);
}

void compare(const Options& options) {
    const nn::Graph training = nn::build_graph(nn::ModelTable::load(options.model));
    const nn::Model model = nn::reparameterise(training, nn::random_weights(training, 1));
    const Shape input{3, options.height, options.width};
    const nn::ThreadCount threads(options.threads);
    nn::Executable ours(model.graph, model.weights,
                        {.input = input, .threads = options.threads, .kernel = options.kernel});
    PlainOneDnn plain(model.graph, model.weights, input);
    check_answers(ours, plain);

    Times our_times;
    Times plain_times;
    for (int i = 0; i < options.runs; ++i) {
        const bool ours_first = i % 2 == 0;
        if (ours_first) time([&] { ours.run(); }, our_times);
        time([&] { plain.run(); }, plain_times);
        if (!ours_first) time([&] { ours.run(); }, our_times);
    }
    const double giga_flop =
        static_cast<double>(nn::cut_costs(model.graph, input).back().before.conv_flop) / 1e9;
    std::printf("%s %dx%d f32, %d thread(s), %d runs in turns, %.2f GFLOP, answers agree\n",
                training.model.c_str(), options.width, options.height, options.threads,
                options.runs, giga_flop);
    std::printf("%-14s %9s %9s %9s %8s %9s %8s %10s\n", "program", "min ms", "median", "p95",
                "p95/med", "CPU ms", "p95/med", "GFLOP/s");
    print_row("executable", our_times, giga_flop);
    print_row("plain oneDNN", plain_times, giga_flop);
    std::printf("median of ratios: wall %.3f, CPU %.3f; activations %.1f MB, weights %.1f MB\n",
                median_of_ratios(our_times.wall_ms, plain_times.wall_ms),
                median_of_ratios(our_times.cpu_ms, plain_times.cpu_ms),
                static_cast<double>(ours.activation_bytes()) / 1e6,
                static_cast<double>(ours.weight_bytes()) / 1e6);
    if (!options.steps) return;
    for (const std::string& line : ours.describe()) std::puts(line.c_str());
}

}  // namespace
}  // namespace caplamp::bench

int main(int argc, char** argv) {
    caplamp::bench::Options options;
    CLI::App app{"The whole network beside a plain oneDNN program of the same layers"};
    app.add_option("--model", options.model, "model table")->capture_default_str();
    app.add_option("--width", options.width, "of the picture")->capture_default_str();
    app.add_option("--height", options.height, "of the picture")->capture_default_str();
    app.add_option("--threads", options.threads, "for both programs")->capture_default_str();
    app.add_option("--runs", options.runs, "of each program")->capture_default_str();
    app.add_option("--kernel", options.kernel, "force this row of the kernel table");
    app.add_flag("--steps", options.steps, "print every step of the executable's last run");
    CLI11_PARSE(app, argc, argv);
    try {
        caplamp::bench::compare(options);
    } catch (const std::exception& e) {
        std::fprintf(stderr, "network_bench: %s\n", e.what());
        return 1;
    }
    return 0;
}
