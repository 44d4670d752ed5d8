// SPDX-License-Identifier: Apache-2.0
// Terminal and server in one process over loopback, beside the whole network: what does the link
// add to a frame's time, and what does it cost to change the cut every so many frames?
#include <spdlog/spdlog.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <future>
#include <memory>
#include <opencv2/core/utility.hpp>
#include <semaphore>
#include <string>
#include <thread>
#include <vector>

#include "app/model_id.hpp"
#include "app/remote_stream.hpp"
#include "app/server.hpp"
#include "capture/read_picture.hpp"
#include "core/error.hpp"

namespace caplamp::bench {
namespace {

using Clock = std::chrono::steady_clock;
using Milliseconds = std::chrono::duration<double, std::milli>;

struct Options {
    std::string picture;
    app::DetectorConfig detector;
    std::vector<std::string> cuts{"4-5", "6-5"};
    std::string codec = "q8";
    std::string scales;
    int frames = 200;
    int every = 100;  // frames between two changes of the cut
    int rounds = 3;
};

/// One picture over and over, each when it is asked for.
class Picture : public capture::Source {
public:
    explicit Picture(const std::string& file) { frame_.image = capture::read_picture(file); }
    const capture::SourceInfo& info() const override { return info_; }
    std::optional<capture::Captured> next(const std::stop_token& stop) override {
        while (!asked_.try_acquire_for(std::chrono::milliseconds(20))) {
            if (stop.stop_requested()) return std::nullopt;
        }
        frame_.captured = Clock::now();
        Frame copy = frame_;
        ++frame_.sequence;
        return copy;
    }
    void ask(int frames) { asked_.release(frames); }
    const cv::Mat& image() const { return frame_.image; }

private:
    Frame frame_;
    capture::SourceInfo info_{.name = "picture"};
    std::counting_semaphore<> asked_{0};
};

class Bench {
public:
    explicit Bench(const Options& options)
        : options_(options),
          model_(std::make_shared<const app::Model>(
              app::load_model(options.detector.model, options.detector.weights))),
          whole_(model_, options.detector),
          half_(model_, {.size = options.detector.size}),
          picture_(options.picture) {
        for (const std::string& cut : options.cuts) {
            plans_.push_back(app::make_plan(
                *model_, {.cut = cut, .codec = options.codec, .scales = options.scales}));
        }
        std::promise<std::string> listening;
        server_ = std::jthread([this, &listening](const std::stop_token& stop) {
            app::run_server({.model = options_.detector.model,
                             .weights = model_->weights_file,
                             .listen = "tcp://127.0.0.1:0",
                             .insecure = true},
                            stop, [&](const std::string& at) { listening.set_value(at); });
        });
        transport::TerminalEndConfig end{.servers = {listening.get_future().get()}};
        end.hello = {.model = app::model_id(*model_), .classes = model_->classes};
        link_ = std::make_unique<app::TerminalLink>(end);
        stream_ = std::make_unique<app::RemoteStream>(
            picture_, half_, whole_, *link_,
            app::RemoteStreamConfig{.plan = plans_.front(), .post = options.detector.post},
            std::stop_token());
        // Everything is compiled before the clock runs.
        for (const app::SplitPlan& plan : plans_) {
            stream_->use(plan);
            run(4);
        }
        stream_->use(plans_.front());
        whole_.run(picture_.image());
    }

    /// A frame at a time, beside the same frame through the whole network.
    void measure_added() {
        std::vector<double> split;
        std::vector<double> whole;
        std::vector<double> added;
        for (int i = 0; i < options_.frames; ++i) {
            picture_.ask(1);
            const app::TimedResult timed = next();
            split.push_back(Milliseconds(timed.link->answered - timed.detector.begin).count());
            const auto begin = Clock::now();
            whole_.run(picture_.image());
            whole.push_back(Milliseconds(Clock::now() - begin).count());
            added.push_back(split.back() - whole.back());
        }
        std::printf("a frame at a time, cut %s, codec %s, size %d, %d frames\n",
                    plans_.front().cut.c_str(), options_.codec.c_str(), options_.detector.size,
                    options_.frames);
        const auto row = [](const char* name, std::vector<double>& numbers) {
            std::printf("%-8s ms p50 %7.2f  p95 %7.2f  p99 %7.2f\n", name, quantile(numbers, 0.5),
                        quantile(numbers, 0.95), quantile(numbers, 0.99));
        };
        row("whole", whole);
        row("split", split);
        row("added", added);
    }

    /// Each cut alone, then all of them in turns.
    void measure_changes() {
        std::printf("frames/s with a change of the cut every %d frames\n", options_.every);
        std::vector<double> costs;
        for (int round = 0; round < options_.rounds; ++round) {
            double steady = 0;  // seconds
            double changing = 0;
            // Cut after cut twice; then the same frames, going to and fro.
            for (const app::SplitPlan& plan : plans_) {
                stream_->use(plan);
                run(1);
                steady += seconds_for(2 * options_.every, [](int) {});
            }
            const int frames = 2 * options_.every * static_cast<int>(plans_.size());
            changing = seconds_for(frames, [&](int i) {
                if (i % options_.every != 0) return;
                const auto turn = static_cast<std::size_t>(i / options_.every);
                stream_->use(plans_[turn % plans_.size()]);
            });
            costs.push_back(100 * (changing / steady - 1));
            std::printf("steady %.2f, changing %.2f, cost %.2f %%\n", frames / steady,
                        frames / changing, costs.back());
            std::fflush(stdout);
        }
        std::printf("median cost %.2f %%\n", quantile(costs, 0.5));
    }

private:
    template <class Before>
    double seconds_for(int frames, Before before_frame) {
        const auto begin = Clock::now();
        picture_.ask(frames);
        for (int i = 0; i < frames; ++i) {
            before_frame(i);
            next();
        }
        return std::chrono::duration<double>(Clock::now() - begin).count();
    }
    void run(int frames) {
        picture_.ask(frames);
        for (int i = 0; i < frames; ++i) next();
    }
    app::TimedResult next() {
        auto timed = stream_->next();
        if (!timed || timed->result.status != app::FrameStatus::ok) {
            throw Error("the server did not look at a frame: " +
                        (timed ? timed->result.reason : std::string("the stream ended")));
        }
        return std::move(*timed);
    }
    static double quantile(std::vector<double>& numbers, double q) {
        std::ranges::sort(numbers);
        return numbers[static_cast<std::size_t>(q * static_cast<double>(numbers.size() - 1))];
    }

    Options options_;
    std::shared_ptr<const app::Model> model_;
    app::Detector whole_;
    app::TerminalHalf half_;
    Picture picture_;
    std::vector<app::SplitPlan> plans_;
    std::jthread server_;
    std::unique_ptr<app::TerminalLink> link_;
    std::unique_ptr<app::RemoteStream> stream_;
};

}  // namespace
}  // namespace caplamp::bench

int main(int argc, char** argv) {
    caplamp::bench::Options options;
    CLI::App app{"Terminal and server over loopback beside the whole network"};
    app.add_option("PICTURE", options.picture, "what is looked at")->required();
    app.add_option("--model", options.detector.model, "model table")->capture_default_str();
    app.add_option("--weights", options.detector.weights, "weights; default beside the model");
    app.add_option("--size", options.detector.size, "long side of the input")
        ->capture_default_str();
    app.add_option("--cut", options.cuts, "several: it changes between them")->delimiter(',');
    app.add_option("--codec", options.codec, "of the features")->capture_default_str();
    app.add_option("--scales", options.scales, "scales file; default beside the weights");
    app.add_option("--frames", options.frames, "a frame at a time")->capture_default_str();
    app.add_option("--every", options.every, "frames between two changes")->capture_default_str();
    app.add_option("--rounds", options.rounds, "of steady and changing cuts in turns; 0: none")
        ->capture_default_str();
    CLI11_PARSE(app, argc, argv);
    cv::setNumThreads(1);
    spdlog::set_level(spdlog::level::err);
    try {
        caplamp::bench::Bench bench(options);
        bench.measure_added();
        if (options.rounds > 0) bench.measure_changes();
    } catch (const std::exception& e) {
        std::fprintf(stderr, "split_bench: %s\n", e.what());
        return 1;
    }
    return 0;
}
