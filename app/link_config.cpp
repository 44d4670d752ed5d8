// SPDX-License-Identifier: Apache-2.0
#include "app/link_config.hpp"

namespace caplamp::app {
namespace {

void read_link(const ConfigNode& node, TerminalLinkConfig& link) {
    node.allow_only({"servers", "key", "server_keys", "insecure", "cut", "codec", "jpeg_quality",
                     "patience_s"});
    if (node["servers"].is_present()) link.servers = node["servers"].as_strings();
    link.key = node["key"].as_string(link.key.string());
    if (node["server_keys"].is_present()) link.server_keys = node["server_keys"].as_strings();
    link.insecure = node["insecure"].as_bool(link.insecure);
    link.cut = node["cut"].as_string(link.cut);
    link.codec = node["codec"].as_string(link.codec);
    link.jpeg_quality = node["jpeg_quality"].as_int(link.jpeg_quality, 1, 100);
    read_seconds(node["patience_s"], link.patience);
}

}  // namespace

TerminalConfig TerminalConfig::read(const ConfigNode& root) {
    root.allow_only({"capture", "detector", "link", "output"});
    TerminalConfig config;
    config.detect = DetectConfig::read_sections(root);
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
