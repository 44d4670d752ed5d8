// SPDX-License-Identifier: Apache-2.0
#include "app/link_config.hpp"

#include <algorithm>
#include <cctype>
#include <utility>

namespace caplamp::app {
namespace {

void read_link(const ConfigNode& node, TerminalLinkConfig& link) {
    node.allow_only({"servers", "key", "server_keys", "insecure", "cut", "codec", "jpeg_quality",
                     "scales", "patience_s"});
    if (node["servers"].is_present()) link.servers = node["servers"].as_strings();
    link.key = node["key"].as_string(link.key.string());
    if (node["server_keys"].is_present()) link.server_keys = node["server_keys"].as_strings();
    link.insecure = node["insecure"].as_bool(link.insecure);
    PlanWords& plan = link.plan;
    plan.cut = node["cut"].as_string(plan.cut);
    plan.codec = node["codec"].as_string(plan.codec);
    plan.jpeg_quality = node["jpeg_quality"].as_int(plan.jpeg_quality, 1, 100);
    plan.scales = node["scales"].as_string(plan.scales.string());
    read_seconds(node["patience_s"], link.patience);
}

std::vector<CameraConfig> read_cameras(const ConfigNode& node) {
    std::vector<CameraConfig> cameras;
    for (const ConfigNode& item : node.items()) {
        item.allow_only({"name", "source"});
        CameraConfig camera{item["name"].require_string(), item["source"].require_string()};
        const std::string problem = problem_with(camera, cameras);
        if (!problem.empty()) item["name"].fail(problem);
        cameras.push_back(std::move(camera));
    }
    return cameras;
}

}  // namespace

std::string problem_with(const CameraConfig& camera, const std::vector<CameraConfig>& others) {
    const auto fits_a_folder = [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_';
    };
    if (camera.name.empty() || !std::ranges::all_of(camera.name, fits_a_folder)) {
        return "a camera's name is letters, digits, - and _, is \"" + camera.name + "\"";
    }
    if (std::ranges::find(others, camera.name, &CameraConfig::name) != others.end()) {
        return "two cameras are called " + camera.name;
    }
    return camera.source.empty() ? "the camera " + camera.name + " has no source" : "";
}

TerminalConfig TerminalConfig::read(const ConfigNode& root) {
    root.allow_only({"capture", "cameras", "detector", "link", "output"});
    TerminalConfig config;
    config.detect = DetectConfig::read_sections(root);
    config.cameras = read_cameras(root["cameras"]);
    read_link(root["link"], config.link);
    return config;
}

TerminalConfig TerminalConfig::load(const std::filesystem::path& file) {
    return read(ConfigNode::load(file));
}

ServerConfig ServerConfig::read(const ConfigNode& root) {
    root.allow_only({"model", "weights", "listen", "key", "allow", "insecure", "workers", "threads",
                     "credits", "terminals", "patience_s"});
    ServerConfig config;
    config.model = root["model"].as_string(config.model.string());
    config.weights = root["weights"].as_string(config.weights.string());
    config.listen = root["listen"].as_string(config.listen);
    config.key = root["key"].as_string(config.key.string());
    config.allow = root["allow"].as_string(config.allow.string());
    config.insecure = root["insecure"].as_bool(config.insecure);
    config.workers = root["workers"].as_int(config.workers, 1, 256);
    config.threads = root["threads"].as_int(config.threads, 1, 1024);
    config.credits = root["credits"].as_int(config.credits, 1, 64);
    config.terminals = root["terminals"].as_int(config.terminals, 1, 100000);
    read_seconds(root["patience_s"], config.patience);
    return config;
}

ServerConfig ServerConfig::load(const std::filesystem::path& file) {
    return read(ConfigNode::load(file));
}

}  // namespace caplamp::app
