// SPDX-License-Identifier: Apache-2.0
// `caplamp detect --no-video` beside the bare network on pictures of the same size, in turns: what
// do decoding, letterbox, post-processing and writing cost once they overlap with the network?
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <opencv2/core/utility.hpp>
#include <vector>

#include "app/detection_stream.hpp"
#include "app/result_sink.hpp"
#include "capture/letterbox.hpp"
#include "capture/source.hpp"
#include "core/error.hpp"
#include "nn/random_weights.hpp"

namespace caplamp::bench {
namespace {

struct Options {
    std::string video;
    std::string model = "models/caplamp-s.yaml";
    int size = 640;
    int frames = 40;  // of each round
    int rounds = 7;
};

using Clock = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

struct Round {
    double bare = 0;           // frames per second
    double detect = 0;         // frames per second
    double network_share = 0;  // of detect's time during which the network computed
};

class Bench {
public:
    explicit Bench(const Options& options)
        : options_(options),
          weights_(std::filesystem::temp_directory_path() / "caplamp-detect-bench.safetensors"),
          detector_(make_detector()) {}
    ~Bench() { std::filesystem::remove(weights_); }
    Bench(const Bench&) = delete;
    Bench& operator=(const Bench&) = delete;

    Round run() {
        Round round;
        round.bare = bare();
        run_detect(round);
        return round;
    }

private:
    app::Detector make_detector() const {
        const nn::Graph graph = nn::build_graph(nn::ModelTable::load(options_.model));
        nn::write_weights(weights_, nn::random_weights(graph, 1), nn::StorageType::f32);
        // The score of a running detector on random weights would find thousands of boxes.
        neck_head::PostConfig post;
        post.decode.score = 0.999F;
        return app::Detector(
            {.model = options_.model, .weights = weights_, .size = options_.size, .post = post});
    }

    double bare() {
        const auto source = capture::open_source({.source = options_.video});
        const auto first = source->next({});
        const cv::Mat picture = std::get<Frame>(first.value()).image;
        const Shape input =
            capture::letterbox_geometry(picture.cols, picture.rows, options_.size).input_shape();
        const app::Model model = app::load_model(options_.model, weights_);
        nn::Executable network(model.graph, model.weights, {.input = input});
        std::ranges::fill(network.input(0).data(), 0.4F);
        network.run();
        const auto begin = Clock::now();
        for (int i = 0; i < options_.frames; ++i) network.run();
        return options_.frames / Seconds(Clock::now() - begin).count();
    }

    void run_detect(Round& round) {
        const auto source = capture::open_source({.source = options_.video});
        const auto first = source->next({});
        detector_.run(std::get<Frame>(first.value()).image);  // compiles
        const auto sink =
            app::make_jsonl_sink(weights_.string() + ".jsonl", detector_.classes(), false);
        app::DetectionStream stream(*source, detector_, {}, {});
        Seconds network{};
        const auto begin = Clock::now();
        for (int i = 0; i < options_.frames; ++i) {
            const auto timed = stream.next();
            if (!timed) throw Error(options_.video + ": has fewer frames than asked for");
            sink->write(timed->result);
            network += timed->detector.network;
        }
        const Seconds passed = Clock::now() - begin;
        round.detect = options_.frames / passed.count();
        round.network_share = network / passed;
    }

    Options options_;
    std::filesystem::path weights_;
    app::Detector detector_;
};

template <class Field>
double median(std::vector<Round> rounds, Field field) {
    std::ranges::sort(rounds, {}, field);
    return rounds[rounds.size() / 2].*field;
}

void compare(const Options& options) {
    Bench bench(options);
    std::vector<Round> rounds;
    for (int i = 0; i < options.rounds; ++i) rounds.push_back(bench.run());
    std::printf("%s, size %d, one thread for the network, medians of %d rounds of %d frames\n",
                options.video.c_str(), options.size, options.rounds, options.frames);
    const double bare = median(rounds, &Round::bare);
    const double detect = median(rounds, &Round::detect);
    std::printf("bare network        %8.2f frames/s\n", bare);
    std::printf("detect --no-video   %8.2f frames/s, %.1f %% less\n", detect,
                100 * (1 - detect / bare));
    std::printf("network's share of detect's time %.1f %%\n",
                100 * median(rounds, &Round::network_share));
}

}  // namespace
}  // namespace caplamp::bench

int main(int argc, char** argv) {
    caplamp::bench::Options options;
    CLI::App app{"caplamp detect --no-video beside the bare network"};
    app.add_option("VIDEO", options.video, "a video file")->required();
    app.add_option("--model", options.model, "model table")->capture_default_str();
    app.add_option("--size", options.size, "long side of the input")->capture_default_str();
    app.add_option("--frames", options.frames, "of each round")->capture_default_str();
    app.add_option("--rounds", options.rounds, "of both in turns")->capture_default_str();
    CLI11_PARSE(app, argc, argv);
    cv::setNumThreads(1);
    try {
        caplamp::bench::compare(options);
    } catch (const std::exception& e) {
        std::fprintf(stderr, "detect_bench: %s\n", e.what());
        return 1;
    }
    return 0;
}
