// SPDX-License-Identifier: Apache-2.0
// What does it cost to send features in few bits? Bytes a frame, encoding and decoding speed, and
// the average precision lost, for every codec at one cut, beside JPEG pictures, on one labelled
// set. Every loss comes with the interval of a bootstrap over the pictures, paired with the
// uncoded network.
#include <time.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <memory>
#include <opencv2/core/utility.hpp>
#include <opencv2/imgcodecs.hpp>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "app/calibrate.hpp"
#include "app/cuts.hpp"
#include "app/detector.hpp"
#include "app/set_options.hpp"
#include "backbone/backbone.hpp"
#include "capture/letterbox.hpp"
#include "capture/read_picture.hpp"
#include "core/error.hpp"
#include "evaluation/evaluate.hpp"
#include "transport/codec.hpp"

namespace caplamp::bench {
namespace {

struct Options {
    app::SetOptions set{};
    app::DetectorConfig detector;
    std::string cut = "4-5";
    std::string scales;
    std::vector<std::string> codecs;
    std::vector<int> qualities{95, 90, 80, 70, 50, 30, 20, 10};
    std::size_t pictures = 500;
    int rounds = 300;
};

/// Processor seconds of this thread: other programs do not count.
double thread_seconds() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

/// One way to send a frame, with what it did to all pictures so far.
struct Way {
    std::string name;
    std::vector<std::size_t> bytes{};  // of each frame
    std::size_t numbers = 0;           // of the features, all frames
    double encode_seconds = 0;
    double decode_seconds = 0;
    std::vector<evaluation::PictureResult> results{};
};

struct CodecWay {
    Way way;
    transport::Codec codec;
    std::optional<transport::ScaleTable> scales;
};

struct JpegWay {
    Way way;
    int quality = 90;
};

class Bench {
public:
    Bench(const Options& options, std::shared_ptr<const app::Model> model)
        : options_(options),
          model_(std::move(model)),
          whole_(model_, options.detector),
          post_(neck_head::HeadLayout::of(model_->table)),
          cut_(app::name_of_cut(*model_, options.cut)) {
        add_codecs();
        for (const int quality : options.qualities) {
            jpegs_.push_back({{"jpeg " + std::to_string(quality)}, quality});
        }
    }

    void run(const datasets::LabelledSet& set) {
        labelled_ = set.labelled;
        // A stride through the set sees all of it, however few pictures are wanted.
        const std::size_t stride =
            std::max<std::size_t>(1, set.pictures.size() / options_.pictures);
        for (std::size_t i = 0; i < set.pictures.size(); i += stride) look_at(set.pictures[i]);
    }

    void report(const std::vector<std::string>& names) const {
        std::printf("cut %s, %zu pictures, long side %d, model %s\n", cut_.c_str(),
                    plain_.results.size(), options_.detector.size, model_->weights_file.c_str());
        std::printf("uncoded mAP@0.5 %.4f\n", precision(plain_, names));
        std::printf("%-10s %10s %10s %9s %10s %10s %9s  %s\n", "", "kB/frame", "p95 kB", "bits/num",
                    "encode", "decode", "mAP@0.5", "points lost (95 % interval)");
        for (const CodecWay& codec : codecs_) report(codec.way, names);
        for (const JpegWay& jpeg : jpegs_) report(jpeg.way, names);
        std::printf(
            "encode and decode: MB/s of float features, for jpeg of 8-bit pictures, one core\n");
    }

private:
    void add_codecs() {
        std::optional<transport::ScaleSet> set;
        const auto values = nn::live_values(model_->graph, model_->graph.end_of_layer(cut_));
        for (const transport::Codec& codec : transport::all_codecs()) {
            const std::string name = to_string(codec);
            const bool wanted = options_.codecs.empty() ||
                                std::ranges::find(options_.codecs, name) != options_.codecs.end();
            if (!wanted) continue;
            CodecWay way{{name}, codec, {}};
            if (codec.needs_scales()) {
                if (!set) {
                    set = app::load_scales(options_.scales.empty()
                                               ? app::scales_beside(model_->weights_file)
                                               : std::filesystem::path(options_.scales),
                                           *model_);
                }
                way.scales = set->table(values, codec);
                if (!way.scales) throw Error("the scales do not know the cut " + cut_);
            }
            codecs_.push_back(std::move(way));
        }
    }

    void look_at(const datasets::LabelledPicture& labelled) {
        capture::read_picture(labelled.file, picture_);
        const auto geometry = capture::letterbox_geometry(
            picture_.cols, picture_.rows, options_.detector.size, model_->table.multiple_of());
        const Shape input = geometry.input_shape();
        backbone::Backbone& backbone = backbones_.get(input, [&] {
            return backbone::Backbone(model_->graph, model_->weights,
                                      {.picture = input, .cut = cut_});
        });
        neck_head::NeckHead& rest = rests_.get(input, [&] {
            return neck_head::NeckHead(model_->graph, model_->weights,
                                       {.picture = input, .cut = cut_});
        });
        letterbox_.run(picture_, geometry, backbone.picture());
        const std::vector<TensorView>& features = backbone.run();
        for (std::size_t i = 0; i < features.size(); ++i) {
            std::ranges::copy(features[i].data(), rest.feature(i).data().begin());
        }
        keep(plain_, labelled, found(rest, geometry));
        for (CodecWay& codec : codecs_) {
            send(codec, features, rest);
            keep(codec.way, labelled, found(rest, geometry));
        }
        for (JpegWay& jpeg : jpegs_) send(jpeg, labelled);
    }

    Detections found(neck_head::NeckHead& rest, const capture::LetterboxGeometry& geometry) {
        Detections boxes = post_.run(rest.run(), options_.detector.post);
        for (Detection& box : boxes) box.box = geometry.to_picture(box.box);
        return boxes;
    }

    void keep(Way& way, const datasets::LabelledPicture& labelled, Detections boxes) const {
        way.results.push_back(
            {.truths = labelled.truths, .detections = std::move(boxes), .labelled = labelled_});
    }

    void send(CodecWay& codec, const std::vector<TensorView>& features, neck_head::NeckHead& rest) {
        std::size_t bytes = 0;
        for (std::size_t i = 0; i < features.size(); ++i) {
            const auto* scales = codec.scales ? &codec.scales->tensors[i] : nullptr;
            buffer_.clear();
            const double begin = thread_seconds();
            const bool encoded = encoder_.encode(features[i], codec.codec, scales, buffer_);
            const double sent = thread_seconds();
            if (!encoded || !decoder_.decode(buffer_, codec.codec, scales, rest.feature(i))) {
                throw Error("codec " + codec.way.name + " does not give its features back");
            }
            codec.way.decode_seconds += thread_seconds() - sent;
            codec.way.encode_seconds += sent - begin;
            codec.way.numbers += features[i].data().size();
            bytes += buffer_.size();
        }
        codec.way.bytes.push_back(bytes);
    }

    void send(JpegWay& jpeg, const datasets::LabelledPicture& labelled) {
        buffer_.clear();
        const double begin = thread_seconds();
        cv::imencode(".jpg", picture_, buffer_, {cv::IMWRITE_JPEG_QUALITY, jpeg.quality});
        const double sent = thread_seconds();
        const cv::Mat got = cv::imdecode(buffer_, cv::IMREAD_COLOR);
        jpeg.way.decode_seconds += thread_seconds() - sent;
        jpeg.way.encode_seconds += sent - begin;
        jpeg.way.numbers += picture_.total() * picture_.elemSize();
        jpeg.way.bytes.push_back(buffer_.size());
        keep(jpeg.way, labelled, whole_.run(got));
    }

    static double precision(const Way& way, const std::vector<std::string>& names) {
        return evaluation::mean_average_precision(way.results, names, evaluation::Protocol::coco)
            .value_or(0);
    }

    /// What the uncoded network has more, in points, over test sets as they might have been.
    std::vector<double> losses(const Way& way, const std::vector<std::string>& names) const {
        std::vector<double> result;
        std::mt19937 random(1);
        std::uniform_int_distribution<std::size_t> any(0, way.results.size() - 1);
        for (int round = 0; round < options_.rounds; ++round) {
            Way drawn{"drawn"};
            Way plain{"plain"};
            for (std::size_t i = 0; i < way.results.size(); ++i) {
                const std::size_t picture = any(random);
                drawn.results.push_back(way.results[picture]);
                plain.results.push_back(plain_.results[picture]);
            }
            result.push_back(100 * (precision(plain, names) - precision(drawn, names)));
        }
        return result;
    }

    void report(const Way& way, const std::vector<std::string>& names) const {
        std::vector<std::size_t> sizes = way.bytes;
        std::ranges::sort(sizes);
        double sum = 0;
        for (const std::size_t size : sizes) sum += static_cast<double>(size);
        const double frames = static_cast<double>(sizes.size());
        const double numbers = static_cast<double>(way.numbers);
        const bool jpeg = way.name.starts_with("jpeg");
        const double megabytes = numbers * (jpeg ? 1 : sizeof(float)) / 1e6;
        const double lost = 100 * (precision(plain_, names) - precision(way, names));
        const auto interval = evaluation::percentile_interval(losses(way, names));
        std::printf("%-10s %10.2f %10.2f %9.3f %10.0f %10.0f %9.4f  %+.2f (%+.2f to %+.2f)\n",
                    way.name.c_str(), sum / frames / 1000,
                    static_cast<double>(sizes[sizes.size() * 95 / 100]) / 1000, 8 * sum / numbers,
                    megabytes / way.encode_seconds, megabytes / way.decode_seconds,
                    precision(way, names), lost, interval->low, interval->high);
    }

    Options options_;
    std::shared_ptr<const app::Model> model_;
    app::Detector whole_;
    neck_head::PostProcess post_;
    std::string cut_;
    app::Recent<Shape, backbone::Backbone> backbones_{2};
    app::Recent<Shape, neck_head::NeckHead> rests_{2};
    capture::Letterbox letterbox_;
    transport::Encoder encoder_;
    transport::Decoder decoder_;
    std::vector<std::uint8_t> buffer_;
    cv::Mat picture_;
    std::vector<bool> labelled_;
    Way plain_{"plain"};
    std::vector<CodecWay> codecs_;
    std::vector<JpegWay> jpegs_;
};

void compare(Options& options) {
    options.detector.post = neck_head::PostConfig::evaluation();
    const auto model = std::make_shared<const app::Model>(
        app::load_model(options.detector.model, options.detector.weights));
    const datasets::LabelledSet set =
        datasets::with_names(options.set.read(options.set.split, nullptr), model->classes);
    if (set.pictures.empty()) throw Error(options.set.data + ": holds no picture");
    Bench bench(options, model);
    bench.run(set);
    bench.report(set.names);
}

}  // namespace
}  // namespace caplamp::bench

int main(int argc, char** argv) {
    caplamp::bench::Options options;
    options.set.split = "val";
    CLI::App app{"Bytes, speed and average precision of every codec at a cut"};
    app.add_option("--data", options.set.data, "labelled set")->required();
    app.add_option("--split", options.set.split, "part of the set")->capture_default_str();
    caplamp::app::add_set_options(app, options.set);
    app.add_option("--model", options.detector.model, "model table")->capture_default_str();
    app.add_option("--weights", options.detector.weights, "weights; default beside the model");
    app.add_option("--size", options.detector.size, "long side of the input")
        ->capture_default_str();
    app.add_option("--cut", options.cut, "last layer on the terminal")->capture_default_str();
    app.add_option("--scales", options.scales, "scales file; default beside the weights");
    app.add_option("--codec", options.codecs, "only these; may stand several times");
    app.add_option("--quality", options.qualities, "of JPEG, beside them")->delimiter(',');
    app.add_option("--least", options.pictures, "pictures of the set, at least")
        ->capture_default_str();
    app.add_option("--rounds", options.rounds, "of the bootstrap")->capture_default_str();
    CLI11_PARSE(app, argc, argv);
    cv::setNumThreads(1);
    try {
        caplamp::bench::compare(options);
    } catch (const std::exception& e) {
        std::fprintf(stderr, "codec_bench: %s\n", e.what());
        return 1;
    }
    return 0;
}
