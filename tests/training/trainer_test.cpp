// SPDX-License-Identifier: Apache-2.0
#include "training/trainer.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <fstream>

#include "nn/weights.hpp"
#include "tests/training/painted_pictures.hpp"
#include "training/checkpoint.hpp"
#include "training/command_line.hpp"
#include "training/dump_layers.hpp"

namespace caplamp::training {
namespace {

/// Remembers the last validation; stops the training after so many steps.
class Watcher : public TrainingListener {
public:
    explicit Watcher(std::int64_t stop_after = -1) : stop_after_(stop_after) {}
    void on_note(const std::string&) override {}
    void on_step(const CurveRow& step, double, double) override {
        if (step.step == stop_after_) stop = true;
    }
    void on_validation(const evaluation::EvaluationResult& result, bool) override {
        last_map = result.map.value_or(0);
    }

    std::atomic<bool> stop{false};
    double last_map = -1;

private:
    std::int64_t stop_after_;
};

/// 20 grey pictures of 96x96 with one coloured rectangle each, as a YOLO set on disk.
std::string write_set(const TemporaryFolder& folder) {
    for (int i = 0; i < 20; ++i) {
        const int left = 4 + (i * 37) % 56;
        const int top = 4 + (i * 23) % 52;
        const PaintedPicture painted{
            96, 96, i % 3, left, top, left + 14 + (i * 7) % 20, top + 14 + (i * 11) % 24};
        const std::string name = "p" + std::to_string(i);
        std::filesystem::create_directories(folder.path() / "images/train");
        write_jpeg(folder.path() / ("images/train/" + name + ".jpg"), paint(painted), 95);
        const LabelBox box = label_of(painted);
        folder.write("labels/train/" + name + ".txt",
                     std::to_string(box.class_id) + " " + std::to_string(box.cx) + " " +
                         std::to_string(box.cy) + " " + std::to_string(box.width) + " " +
                         std::to_string(box.height) + "\n");
    }
    return folder
        .write("data.yaml",
               "train: images/train\nval: images/train\nnames: [helmet, head, person]\n"
               "labelled: [helmet, head, person]\n")
        .string();
}

/// Trains the pictures as they are.
TrainConfig plain_config(const TemporaryFolder& folder) {
    TrainConfig config;
    config.data = {write_set(folder)};
    config.model = "tests/training/tiny.yaml";
    config.out = (folder.path() / "run").string();
    config.workers = 1;
    config.batch = 10;
    config.schedule.size = 96;
    config.schedule.warmup_steps = 10;
    config.schedule.learning_rate = 0.004;
    config.schedule.ema_ramp = 20;
    config.schedule.ema_decay = 0.9;
    config.augmentation.mosaic = 0;
    config.augmentation.scale_low = config.augmentation.scale_high = 1;
    config.augmentation.flip = 0;
    config.augmentation.hue = config.augmentation.saturation = config.augmentation.value = 0;
    config.augmentation.grey = config.augmentation.low_light = 0;
    config.augmentation.blur = config.augmentation.noise = 0;
    return config;
}

bool same_bits(const std::filesystem::path& a, const std::filesystem::path& b) {
    const nn::Weights first = nn::read_weights(a);
    const nn::Weights second = nn::read_weights(b);
    for (const auto& [name, array] : first.arrays) {
        const nn::Array& other = second.at(name);
        if (array.values.size() != other.values.size()) return false;
        if (std::memcmp(array.values.data(), other.values.data(),
                        array.values.size() * sizeof(float)) != 0) {
            return false;
        }
    }
    return first.arrays.size() == second.arrays.size();
}

std::string text_of(const std::filesystem::path& file) {
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

TEST(Trainer, LearnsTwentyPicturesByHeart) {
    const TemporaryFolder folder;
    TrainConfig config = plain_config(folder);
    config.epochs = 100;
    Watcher watcher;
    EXPECT_TRUE(Trainer(config, false, watcher).run(watcher.stop));
    EXPECT_GT(watcher.last_map, 0.95);
}

TEST(Trainer, ResumesToTheSameBits) {
    const TemporaryFolder folder;
    TrainConfig config = plain_config(folder);
    config.epochs = 4;  // eight steps
    config.augmentation.mosaic = 1;
    config.augmentation.flip = 0.5;
    Watcher uninterrupted;
    EXPECT_TRUE(Trainer(config, false, uninterrupted).run(uninterrupted.stop));
    TrainConfig broken = config;
    broken.out = (folder.path() / "broken").string();
    Watcher stopped(5);
    EXPECT_FALSE(Trainer(broken, false, stopped).run(stopped.stop));
    Watcher resumed;
    EXPECT_TRUE(Trainer(read_config(folder.path() / "broken/config.yaml"), true, resumed)
                    .run(resumed.stop));
    EXPECT_TRUE(same_bits(folder.path() / "run/last.safetensors",
                          folder.path() / "broken/last.safetensors"));
    EXPECT_EQ(uninterrupted.last_map, resumed.last_map);
}

TEST(Trainer, LeavesAWholeFolderBehind) {
    const TemporaryFolder folder;
    TrainConfig config = plain_config(folder);
    config.epochs = 1;
    Watcher watcher;
    Trainer(config, false, watcher).run(watcher.stop);
    for (const char* name :
         {"config.yaml", "curves.csv", "checkpoint.pt", "best.safetensors", "last.safetensors"}) {
        EXPECT_TRUE(std::filesystem::exists(folder.path() / "run" / name)) << name;
    }
    const std::string curves = text_of(folder.path() / "run/curves.csv");
    EXPECT_NE(curves.find("ap50_helmet,ap50_head,ap50_person\n2,1,"), std::string::npos) << curves;
}

TEST(Trainer, RefusesToBeginOverAnotherTraining) {
    const TemporaryFolder folder;
    TrainConfig config = plain_config(folder);
    config.epochs = 1;
    Watcher watcher;
    Trainer(config, false, watcher).run(watcher.stop);
    const std::string message = error_of([&] { Trainer(config, false, watcher); });
    EXPECT_NE(message.find("--resume"), std::string::npos) << message;
}

TEST(Trainer, BeginsWithTheWeightsOfAFile) {
    const TemporaryFolder folder;
    TrainConfig config = plain_config(folder);
    config.epochs = 1;
    Watcher watcher;
    Trainer(config, false, watcher).run(watcher.stop);
    config.init = (folder.path() / "run/last.safetensors").string();
    config.out = (folder.path() / "second").string();
    config.schedule.learning_rate = 0;
    config.schedule.ema_decay = 1;  // the average stays where it began
    config.schedule.ema_ramp = 1e-9;
    Trainer(config, false, watcher).run(watcher.stop);
    EXPECT_TRUE(same_bits(folder.path() / "run/last.safetensors",
                          folder.path() / "second/last.safetensors"));
}

TEST(Trainer, SaysWhichCheckpointIsDamaged) {
    const TemporaryFolder folder;
    TrainConfig config = plain_config(folder);
    config.epochs = 1;
    Watcher watcher;
    Trainer(config, false, watcher).run(watcher.stop);
    std::filesystem::resize_file(folder.path() / "run/checkpoint.pt", 1000);
    const std::string message = error_of([&] { Trainer(config, true, watcher); });
    EXPECT_NE(message.find("checkpoint.pt"), std::string::npos) << message;
    std::filesystem::remove(folder.path() / "run/checkpoint.pt");
    EXPECT_NE(error_of([&] { Trainer(config, true, watcher); }).find("no checkpoint"),
              std::string::npos);
}

TEST(DumpLayers, WritesThePictureAndEveryLayer) {
    const TemporaryFolder folder;
    TrainConfig config = plain_config(folder);
    config.epochs = 1;
    Watcher watcher;
    Trainer(config, false, watcher).run(watcher.stop);
    CommandLine line;
    line.config.model = config.model;
    line.weights = (folder.path() / "run/last.safetensors").string();
    line.dump_layers = (folder.path() / "layers").string();
    line.picture_size = "96x64";
    dump_layers(line);
    const nn::Weights layers = nn::read_weights(folder.path() / "layers/layers.safetensors");
    const nn::Graph graph = nn::build_graph(nn::ModelTable::load(config.model));
    EXPECT_EQ(layers.arrays.size(), graph.nodes.size());
    EXPECT_EQ(layers.at("picture").shape, (std::vector<int>{3, 64, 96}));
    EXPECT_EQ(layers.at("0.silu").shape, (std::vector<int>{16, 32, 48}));
    line.picture_size = "100x64";
    EXPECT_NE(error_of([&] { dump_layers(line); }).find("multiples of 16"), std::string::npos);
}

}  // namespace caplamp::training
