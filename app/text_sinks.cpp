// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <utility>

#include "app/pending_file.hpp"
#include "app/result_sink.hpp"

namespace caplamp::app {
namespace {

using Json = nlohmann::ordered_json;

/// As many decimals as mean something; shortens the text several times over.
double rounded(double value, double steps) { return std::round(value * steps) / steps; }
double pixels(float value) { return rounded(value, 100); }
double score(float value) { return rounded(value, 10000); }

Json box_json(const Box& box) {
    return {pixels(box.x), pixels(box.y), pixels(box.width), pixels(box.height)};
}

/// Paths need not be UTF-8, JSON must be.
std::string text_of(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

class TextSink : public ResultSink {
public:
    explicit TextSink(const std::filesystem::path& file) : file_(file) {}
    void finish() override { file_.commit(); }
    const std::filesystem::path& name() const override { return file_.name(); }

protected:
    PendingFile file_;
};

class JsonlSink : public TextSink {
public:
    JsonlSink(const std::filesystem::path& file, std::vector<std::string> classes, bool name_files)
        : TextSink(file), classes_(std::move(classes)), name_files_(name_files) {}

    void write(const FrameResult& result) override {
        Json line{{"frame", result.sequence},
                  {"time_s", rounded(result.media_time.count(), 1000)},
                  {"status", to_string(result.status)}};
        if (name_files_) line["file"] = result.camera;
        if (result.status != FrameStatus::ok) line["reason"] = result.reason;
        line["detections"] =
            was_looked_at(result.status) ? detections_json(result.detections) : Json(nullptr);
        file_.write(text_of(line));
        file_.write("\n");
        file_.flush();  // so that one can follow a camera, and a full disk shows at once
    }

private:
    Json detections_json(const Detections& detections) const {
        Json list = Json::array();
        for (const Detection& detection : detections) {
            list.push_back({{"class", classes_.at(static_cast<std::size_t>(detection.class_id))},
                            {"score", score(detection.score)},
                            {"box", box_json(detection.box)}});
        }
        return list;
    }

    std::vector<std::string> classes_;
    bool name_files_;
};

class CocoSink : public TextSink {
public:
    CocoSink(const std::filesystem::path& file, bool name_files)
        : TextSink(file), name_files_(name_files) {
        file_.write("[");
    }

    void write(const FrameResult& result) override {
        for (const Detection& detection : result.detections) {
            const Json entry{{"image_id", id_of(result)},
                             {"category_id", detection.class_id + 1},
                             {"bbox", box_json(detection.box)},
                             {"score", rounded(detection.score, 1e5)}};
            file_.write(std::exchange(first_, false) ? "\n" : ",\n");
            file_.write(text_of(entry));
        }
    }

    void finish() override {
        file_.write("\n]\n");
        TextSink::finish();
    }

private:
    Json id_of(const FrameResult& result) const {
        if (!name_files_) return result.sequence;
        const std::string stem = std::filesystem::path(result.camera).stem().string();
        const bool number = !stem.empty() && stem.size() <= 18 &&
                            std::ranges::all_of(stem, [](char c) { return c >= '0' && c <= '9'; });
        return number ? Json(std::stoull(stem)) : Json(stem);
    }

    bool name_files_;
    bool first_ = true;
};

class MotSink : public TextSink {
public:
    using TextSink::TextSink;

    void write(const FrameResult& result) override {
        for (const Detection& detection : result.detections) {
            const Box& box = detection.box;
            std::array<char, 256> line{};
            std::snprintf(line.data(), line.size(), "%llu,-1,%.2f,%.2f,%.2f,%.2f,%.4f,-1,-1,-1\n",
                          static_cast<unsigned long long>(result.sequence + 1), box.x + 1.0,
                          box.y + 1.0, static_cast<double>(box.width),
                          static_cast<double>(box.height), static_cast<double>(detection.score));
            file_.write(line.data());
        }
    }
};

}  // namespace

std::unique_ptr<ResultSink> make_jsonl_sink(const std::filesystem::path& file,
                                            std::vector<std::string> classes, bool name_files) {
    return std::make_unique<JsonlSink>(file, std::move(classes), name_files);
}

std::unique_ptr<ResultSink> make_coco_sink(const std::filesystem::path& file, bool name_files) {
    return std::make_unique<CocoSink>(file, name_files);
}

std::unique_ptr<ResultSink> make_mot_sink(const std::filesystem::path& file) {
    return std::make_unique<MotSink>(file);
}

}  // namespace caplamp::app
