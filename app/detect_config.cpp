// SPDX-License-Identifier: Apache-2.0
#include "app/detect_config.hpp"

namespace caplamp::app {
namespace {

void read_path(const ConfigNode& node, std::filesystem::path& value) {
    value = node.as_string(value.string());
}

Pace read_pace(const ConfigNode& node, Pace fallback) {
    if (!node.is_present()) return fallback;
    const std::string word = node.as_string("");
    if (word == "auto") return Pace::automatic;
    if (word == "every") return Pace::every;
    if (word == "newest") return Pace::newest;
    node.fail("must be auto, every or newest, is " + word);
}

void read_capture(const ConfigNode& node, DetectConfig& config) {
    node.allow_only({"source", "pace", "open_deadline_s", "read_deadline_s", "first_retry_s",
                     "longest_retry_s", "rtsp_transport", "decode_threads"});
    capture::CaptureConfig& capture = config.capture;
    capture.source = node["source"].as_string(capture.source);
    config.pace = read_pace(node["pace"], config.pace);
    read_seconds(node["open_deadline_s"], capture.open_deadline);
    read_seconds(node["read_deadline_s"], capture.read_deadline);
    read_seconds(node["first_retry_s"], capture.first_retry);
    read_seconds(node["longest_retry_s"], capture.longest_retry);
    const ConfigNode transport = node["rtsp_transport"];
    capture.rtsp_transport = transport.as_string(capture.rtsp_transport);
    if (capture.rtsp_transport != "tcp" && capture.rtsp_transport != "udp") {
        transport.fail("must be tcp or udp, is " + capture.rtsp_transport);
    }
    capture.decode_threads = node["decode_threads"].as_int(capture.decode_threads, 1, 64);
}

void read_detector(const ConfigNode& node, DetectorConfig& detector) {
    node.allow_only(
        {"model", "weights", "size", "precision", "threads", "score", "iou", "max_boxes"});
    read_path(node["model"], detector.model);
    read_path(node["weights"], detector.weights);
    detector.size = node["size"].as_int(detector.size, 32, 8192);
    detector.precision = node["precision"].as_string(detector.precision);
    detector.threads = node["threads"].as_int(detector.threads, 1, 1024);
    auto& [decode, nms] = detector.post;
    decode.score = static_cast<float>(node["score"].as_double(decode.score, 0, 1));
    nms.iou = static_cast<float>(node["iou"].as_double(nms.iou, 0, 1));
    nms.max_boxes = static_cast<std::size_t>(
        node["max_boxes"].as_int(static_cast<int>(nms.max_boxes), 1, 100000));
}

void read_output(const ConfigNode& node, OutputConfig& output) {
    node.allow_only({"folder", "video", "video_long_side", "coco", "mot", "trace"});
    read_path(node["folder"], output.folder);
    output.video = node["video"].as_bool(output.video);
    output.video_long_side = node["video_long_side"].as_int(output.video_long_side, 128, 8192);
    read_path(node["coco"], output.coco);
    read_path(node["mot"], output.mot);
    read_path(node["trace"], output.trace);
}

}  // namespace

void read_seconds(const ConfigNode& node, std::chrono::milliseconds& value) {
    const double seconds = std::chrono::duration<double>(value).count();
    const std::chrono::duration<double> read(node.as_double(seconds, 0.001, 86400));
    value = std::chrono::round<std::chrono::milliseconds>(read);
}

DetectConfig DetectConfig::read(const ConfigNode& root) {
    root.allow_only({"capture", "detector", "output"});
    return read_sections(root);
}

DetectConfig DetectConfig::read_sections(const ConfigNode& root) {
    DetectConfig config;
    read_capture(root["capture"], config);
    read_detector(root["detector"], config.detector);
    read_output(root["output"], config.output);
    return config;
}

DetectConfig DetectConfig::load(const std::filesystem::path& file) {
    return read(ConfigNode::load(file));
}

}  // namespace caplamp::app
