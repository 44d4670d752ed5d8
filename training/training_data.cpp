// SPDX-License-Identifier: Apache-2.0
#include "training/training_data.hpp"

#include "core/error.hpp"
#include "training/validator.hpp"

namespace caplamp::training {
namespace {

std::unique_ptr<PictureCache> decode(const std::vector<DataSet>& sets, const TrainConfig& config,
                                     const std::string& name) {
    PictureCacheConfig cache;
    cache.longest_side = config.cache_side;
    if (!config.cache.empty()) cache.file = std::filesystem::path(config.cache) / name;
    const std::vector<std::filesystem::path> pictures = pictures_of(sets);
    return std::make_unique<PictureCache>(pictures, cache);
}

std::size_t count(const std::vector<DataSet>& sets) {
    std::size_t total = 0;
    for (const DataSet& set : sets) total += set.samples.size();
    return total;
}

}  // namespace

TrainingData::TrainingData(const TrainConfig& config, const std::vector<std::string>& classes) {
    for (const std::string& yaml : config.data) sets.push_back(read_data_set(yaml, classes));
    for (const std::string& text : config.weight) set_weight(sets, text);
    for (const std::string& text : config.box_weight) set_box_weight(sets, text, classes);
    if (count(sets) == 0) throw Error("--data: the sets hold no training picture");
    validation_sets = training::validation_sets(config.validate, config.data, classes,
                                                static_cast<std::size_t>(config.validate_pictures));
    if (!config.cache.empty()) std::filesystem::create_directories(config.cache);
    cache = decode(sets, config, "train.cache");
    validation_cache = decode(validation_sets, config, "validate.cache");
}

std::uint64_t TrainingData::pictures_per_epoch(const TrainConfig& config) const {
    if (config.augmentation.epoch_pictures > 0) return config.augmentation.epoch_pictures;
    return count(sets);
}

std::string TrainingData::summary() const {
    std::string text;
    for (const DataSet& set : sets) {
        text += (text.empty() ? "" : ", ") + std::to_string(set.samples.size()) + " pictures of " +
                set.name;
    }
    return text + "; validation on " + std::to_string(count(validation_sets)) + " pictures";
}

}  // namespace caplamp::training
