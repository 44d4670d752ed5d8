// SPDX-License-Identifier: Apache-2.0
#include "training/train_config.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <fstream>
#include <sstream>

#include "core/config_node.hpp"
#include "core/error.hpp"

namespace caplamp::training {
namespace {

template <class... Cases>
struct Overloaded : Cases... {
    using Cases::operator()...;
};
template <class... Cases>
Overloaded(Cases...) -> Overloaded<Cases...>;

template <class Number>
Number parse_number(const Setting& setting, std::string_view text) {
    Number value{};
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    const auto as_double = static_cast<double>(value);
    const bool complete = failure == std::errc{} && end == text.data() + text.size();
    if (!complete || !(as_double >= setting.low && as_double <= setting.high)) {
        std::ostringstream why;
        why << setting.name << ": must be a number " << setting.low << ".." << setting.high
            << ", is '" << text << "'";
        throw Error(why.str());
    }
    return value;
}

OptimizerKind parse_optimizer(std::string_view text) {
    if (text == "adamw") return OptimizerKind::adamw;
    if (text == "sgd") return OptimizerKind::sgd;
    throw Error("optimizer: must be adamw or sgd, is '" + std::string(text) + "'");
}

template <class Number>
std::string to_text(Number value) {
    std::array<char, 32> text{};
    const auto result = std::to_chars(text.data(), text.data() + text.size(), value);
    return {text.data(), result.ptr};
}

/// As a double-quoted YAML scalar.
std::string quoted(const std::string& text) {
    std::string result = "\"";
    for (const char letter : text) {
        if (letter == '"' || letter == '\\') result += '\\';
        result += letter;
    }
    return result + "\"";
}

void add_run_settings(TrainConfig& c, std::vector<Setting>& all) {
    all.push_back({"data", "a set's data.yaml; may stand several times", &c.data});
    all.push_back({"validate", "data.yaml[:folder of labels] to validate on; default: each `val`",
                   &c.validate});
    all.push_back({"weight", "SET=x: draw that set's pictures x times as often", &c.weight});
    all.push_back(
        {"box-weight", "SET=x or SET/CLASS=x: weight of its boxes in the box loss", &c.box_weight});
    all.push_back({"model", "model table", &c.model});
    all.push_back({"out", "folder of the run", &c.out});
    all.push_back({"init", "weights to begin with", &c.init});
    all.push_back({"cache", "folder that keeps decoded pictures between runs", &c.cache});
    all.push_back({"cache-side", "longest side of a decoded picture", &c.cache_side, 64, 8192});
    all.push_back({"device", "cpu or cuda", &c.device});
    all.push_back({"workers", "replicas side by side; 0: one per core", &c.workers, 0, 256});
    all.push_back({"batch", "pictures per step", &c.batch, 1, 4096});
    all.push_back({"epochs", "times through the data", &c.epochs, 1, 100000});
    all.push_back({"minutes", "end after so many minutes instead of epochs", &c.minutes, 0, 1e6});
    all.push_back({"validate-minutes", "time between validations", &c.validate_minutes, 0.05, 1e6});
    all.push_back({"validate-pictures", "at most", &c.validate_pictures, 1, 1e9});
    all.push_back({"validate-size", "side of a validation picture; 0: the largest training size",
                   &c.validate_size, 0, 4096});
    all.push_back(
        {"checkpoint-minutes", "time between checkpoints", &c.checkpoint_minutes, 0.05, 1e6});
}

void add_schedule_settings(ScheduleConfig& c, std::vector<Setting>& all) {
    all.push_back({"size", "side of a training picture", &c.size, 32, 4096});
    all.push_back({"size-final", "side in the last part; 0: the same", &c.size_final, 0, 4096});
    all.push_back({"final-fraction", "that part", &c.final_fraction, 0, 1});
    all.push_back({"close-mosaic", "last part without mosaic", &c.close_mosaic, 0, 1});
    all.push_back({"learning-rate", "the highest", &c.learning_rate, 0, 100});
    all.push_back(
        {"final-share", "learning rate at the end, of the highest", &c.final_share, 0, 1});
    all.push_back({"warmup-steps", "linear rise of the learning rate", &c.warmup_steps, 0, 1e9});
    all.push_back({"ema-decay", "of the averaged weights, per step", &c.ema_decay, 0, 1});
    all.push_back(
        {"ema-ramp", "steps until that decay is reached to 63 %", &c.ema_ramp, 1e-9, 1e9});
}

void add_learning_settings(TrainConfig& c, std::vector<Setting>& all) {
    all.push_back({"optimizer", "adamw or sgd", &c.optimizer.kind});
    all.push_back({"weight-decay", "of convolution weights", &c.optimizer.weight_decay, 0, 10});
    all.push_back({"momentum", "of sgd", &c.optimizer.momentum, 0, 1});
    all.push_back({"beta1", "of adamw", &c.optimizer.beta1, 0, 1});
    all.push_back({"beta2", "of adamw", &c.optimizer.beta2, 0, 1});
    all.push_back({"largest-gradient", "norm above which gradients are shortened",
                   &c.optimizer.largest_gradient, 1e-9, 1e9});
    all.push_back({"box-gain", "weight of the box loss", &c.loss.box_gain, 0, 1000});
    all.push_back({"class-gain", "weight of the class loss", &c.loss.class_gain, 0, 1000});
    all.push_back({"distribution-gain", "weight of the distribution focal loss",
                   &c.loss.distribution_gain, 0, 1000});
}

void add_augmentation_settings(AugmentationConfig& c, std::vector<Setting>& all) {
    all.push_back({"seed", "of all random numbers", &c.seed, 0, 1.9e19});
    all.push_back({"epoch-pictures", "pictures in an epoch; 0: all", &c.epoch_pictures, 0, 1e12});
    all.push_back({"mosaic", "probability of a mosaic", &c.mosaic, 0, 1});
    all.push_back({"scale-low", "least scale", &c.scale_low, 0.05, 10});
    all.push_back({"scale-high", "largest scale", &c.scale_high, 0.05, 10});
    all.push_back({"small", "share of mosaics with strongly shrunk pictures", &c.small, 0, 1});
    all.push_back({"small-scale-low", "their least scale", &c.small_scale_low, 0.05, 10});
    all.push_back({"rotate-degrees", "at most", &c.rotate_degrees, 0, 180});
    all.push_back({"shear-degrees", "at most", &c.shear_degrees, 0, 45});
    all.push_back({"flip", "probability left-right", &c.flip, 0, 1});
    all.push_back({"hue", "change at most", &c.hue, 0, 0.5});
    all.push_back({"saturation", "change at most", &c.saturation, 0, 1});
    all.push_back({"value", "change of brightness at most", &c.value, 0, 1});
    all.push_back({"grey", "probability", &c.grey, 0, 1});
    all.push_back({"low-light", "probability", &c.low_light, 0, 1});
    all.push_back({"blur", "probability", &c.blur, 0, 1});
    all.push_back({"noise", "probability", &c.noise, 0, 1});
}

}  // namespace

void Setting::set(std::string_view text) const {
    std::visit(
        Overloaded{[&](int* value) { *value = parse_number<int>(*this, text); },
                   [&](double* value) { *value = parse_number<double>(*this, text); },
                   [&](std::uint64_t* value) { *value = parse_number<std::uint64_t>(*this, text); },
                   [&](std::string* value) { *value = text; },
                   [&](std::vector<std::string>* value) { value->emplace_back(text); },
                   [&](OptimizerKind* value) { *value = parse_optimizer(text); }},
        place);
}

std::string Setting::text() const {
    return std::visit(
        Overloaded{[](const std::string* value) { return *value; },
                   [](const std::vector<std::string>* value) {
                       std::string lines;
                       for (const std::string& word : *value) lines += word + "\n";
                       return lines;
                   },
                   [](const OptimizerKind* value) {
                       return std::string(*value == OptimizerKind::adamw ? "adamw" : "sgd");
                   },
                   [](const auto* value) { return to_text(*value); }},
        place);
}

std::vector<Setting> settings_of(TrainConfig& config) {
    std::vector<Setting> all;
    add_run_settings(config, all);
    add_schedule_settings(config.schedule, all);
    add_learning_settings(config, all);
    add_augmentation_settings(config.augmentation, all);
    return all;
}

TrainConfig read_config(const std::filesystem::path& file) {
    const ConfigNode root = ConfigNode::load(file);
    TrainConfig config;
    const std::vector<Setting> settings = settings_of(config);
    for (const std::string& key : root.keys()) {
        const ConfigNode node = root[key];
        const auto found = std::ranges::find(settings, key, &Setting::name);
        if (found == settings.end()) node.fail("is no setting of a training");
        try {
            if (node.is_sequence()) {
                for (const std::string& word : node.as_strings()) found->set(word);
            } else {
                found->set(node.as_string(""));
            }
        } catch (const ConfigError&) {
            throw;
        } catch (const Error& error) {
            node.fail(error.what());
        }
    }
    return config;
}

void write_config(const std::filesystem::path& file, TrainConfig config) {
    std::ofstream out(file);
    for (const Setting& setting : settings_of(config)) {
        if (const auto* list = std::get_if<std::vector<std::string>*>(&setting.place)) {
            out << setting.name << ":";
            if ((*list)->empty()) out << " []";
            for (const std::string& word : **list) out << "\n  - " << quoted(word);
            out << '\n';
        } else if (std::holds_alternative<std::string*>(setting.place)) {
            out << setting.name << ": " << quoted(setting.text()) << '\n';
        } else {
            out << setting.name << ": " << setting.text() << '\n';
        }
    }
    out.close();
    if (!out) throw Error(file.string() + ": cannot be written");
}

void check_config(const TrainConfig& config) {
    if (config.data.empty()) throw Error("--data: name at least one data.yaml");
    if (config.out.empty()) throw Error("--out: name the folder of the run");
    if (config.device != "cpu" && !config.device.starts_with("cuda")) {
        throw Error("--device: must be cpu or cuda, is '" + config.device + "'");
    }
    for (const int side :
         {config.schedule.size, config.schedule.size_final, config.validate_size}) {
        if (side % 32 != 0) {
            throw Error("--size: must be a multiple of 32, is " + std::to_string(side));
        }
    }
    if (config.augmentation.scale_low > config.augmentation.scale_high) {
        throw Error("--scale-low: must not be above --scale-high");
    }
}

}  // namespace caplamp::training
