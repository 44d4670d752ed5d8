// SPDX-License-Identifier: Apache-2.0
#include "training/augmentation.hpp"

#include <algorithm>
#include <optional>

#include "training/epoch_order.hpp"
#include "training/render.hpp"
#include "training/tensor_renderer.hpp"

namespace caplamp::training {
namespace {

// Plans become tensors: by loops on the CPU, by tensor operations elsewhere.
class BatchPainter {
public:
    BatchPainter(const PictureCache& cache, int size, std::size_t classes, torch::Device device)
        : cache_(cache), size_(size), classes_(static_cast<int64_t>(classes)), device_(device) {
        if (!device.is_cpu()) on_device_.emplace(cache, size, device);
    }

    Batch paint(std::span<const PicturePlan> plans) const {
        Batch batch;
        batch.images = on_device_ ? on_device_->render(plans) : painted(plans);
        add_boxes(plans, batch);
        batch.labelled = labelled(plans);
        return batch;
    }

private:
    torch::Tensor painted(std::span<const PicturePlan> plans) const {
        torch::Tensor images = torch::empty({count(plans), 3, size_, size_}, torch::kFloat32);
        float* planar = images.data_ptr<float>();
        for (const PicturePlan& plan : plans) {
            render(plan, cache_, size_, planar);
            planar += std::ptrdiff_t{3} * size_ * size_;
        }
        return images;
    }

    void add_boxes(std::span<const PicturePlan> plans, Batch& batch) const {
        std::vector<float> edges;
        std::vector<float> weights;
        std::vector<int64_t> classes;
        std::vector<int64_t> pictures;
        for (std::size_t n = 0; n < plans.size(); ++n)
            for (const PlannedBox& box : plans[n].boxes) {
                edges.insert(edges.end(), {box.x1, box.y1, box.x2, box.y2});
                weights.push_back(box.weight);
                classes.push_back(box.class_id);
                pictures.push_back(static_cast<int64_t>(n));
            }
        batch.boxes = torch::tensor(edges, torch::kFloat32).view({-1, 4}).to(device_);
        batch.box_weight = torch::tensor(weights, torch::kFloat32).to(device_);
        batch.classes = torch::tensor(classes, torch::kInt64).to(device_);
        batch.picture_of = torch::tensor(pictures, torch::kInt64).to(device_);
    }

    torch::Tensor labelled(std::span<const PicturePlan> plans) const {
        const int64_t cells = size_ / label_stride;
        torch::Tensor mask = torch::empty({count(plans), classes_, cells, cells}, torch::kUInt8);
        std::uint8_t* target = mask.data_ptr<std::uint8_t>();
        for (const PicturePlan& plan : plans)
            target = std::copy(plan.labelled.begin(), plan.labelled.end(), target);
        return mask.to(torch::kBool).to(device_);
    }

    static int64_t count(std::span<const PicturePlan> plans) {
        return static_cast<int64_t>(plans.size());
    }

    const PictureCache& cache_;
    int size_;
    int64_t classes_;
    torch::Device device_;
    std::optional<TensorRenderer> on_device_;
};

std::size_t class_count(const std::vector<DataSet>& sets) {
    return sets.empty() ? 0 : sets.front().labelled.size();
}

}  // namespace

struct BatchSource::State {
    AugmentationConfig config;
    EpochOrder order;
    PicturePlanner planner;
    BatchPainter painter;
    std::uint64_t epoch_number = 0;
    std::vector<std::uint32_t> epoch = order.epoch(0);

    std::uint32_t picture_at(std::uint64_t position) {
        const std::uint64_t number = position / order.pictures_per_epoch();
        if (number != epoch_number) {
            epoch = order.epoch(number);
            epoch_number = number;
        }
        return epoch[position % order.pictures_per_epoch()];
    }
};

BatchSource::BatchSource(const std::vector<DataSet>& sets, const PictureCache& cache,
                         const AugmentationConfig& config, torch::Device device)
    : state_(new State{.config = config,
                       .order = EpochOrder(sets, config.epoch_pictures, config.seed),
                       .planner = PicturePlanner(sets, cache, config.size),
                       .painter = BatchPainter(cache, config.size, class_count(sets), device)}) {}

BatchSource::~BatchSource() = default;

std::uint64_t BatchSource::pictures_per_epoch() const { return state_->order.pictures_per_epoch(); }

Batch BatchSource::training_batch(std::uint64_t step, int count, bool mosaic) {
    const auto pictures = static_cast<std::uint64_t>(count);
    std::vector<PicturePlan> plans;
    for (std::uint64_t i = 0; i < pictures; ++i) {
        const std::uint32_t picture = state_->picture_at(step * pictures + i);
        plans.push_back(state_->planner.augmented(state_->config, {.step = step,
                                                                   .index = i,
                                                                   .picture = picture,
                                                                   .epoch = state_->epoch,
                                                                   .mosaic = mosaic}));
    }
    return state_->painter.paint(plans);
}

Box ValidationPicture::to_source(const Box& box) const {
    const auto back = [](double value, double offset, double scale, int side) {
        return std::clamp((value - offset) / scale, 0.0, static_cast<double>(side));
    };
    const double x1 = back(box.x, left, scale_x, source_width);
    const double y1 = back(box.y, top, scale_y, source_height);
    const double x2 = back(box.right(), left, scale_x, source_width);
    const double y2 = back(box.bottom(), top, scale_y, source_height);
    return {static_cast<float>(x1), static_cast<float>(y1), static_cast<float>(x2 - x1),
            static_cast<float>(y2 - y1)};
}

struct ValidationSource::State {
    const PictureCache& cache;
    PicturePlanner planner;
    BatchPainter painter;

    ValidationPicture describe(std::uint32_t index, const PicturePlan& plan) const {
        const CachedPicture& cached = cache[index];
        const Affine to_output = plan.tiles.front().to_source.inverse();
        ValidationPicture picture{
            .file = planner.sample(index).picture,
            .truth = {},
            .labelled = planner.set_of(index).labelled,
            .scale_x = to_output.a * cached.level[0].width / cached.source_width,
            .scale_y = to_output.e * cached.level[0].height / cached.source_height,
            .left = to_output.c,
            .top = to_output.f,
            .source_width = cached.source_width,
            .source_height = cached.source_height};
        const auto width = static_cast<float>(cached.source_width);
        const auto height = static_cast<float>(cached.source_height);
        for (const LabelBox& box : planner.sample(index).boxes)
            picture.truth.push_back(
                {.class_id = box.class_id,
                 .score = 1,
                 .box = {(box.cx - box.width / 2) * width, (box.cy - box.height / 2) * height,
                         box.width * width, box.height * height}});
        return picture;
    }
};

ValidationSource::ValidationSource(const std::vector<DataSet>& sets, const PictureCache& cache,
                                   int size, torch::Device device)
    : state_(new State{.cache = cache,
                       .planner = PicturePlanner(sets, cache, size),
                       .painter = BatchPainter(cache, size, class_count(sets), device)}) {}

ValidationSource::~ValidationSource() = default;

std::size_t ValidationSource::size() const { return state_->cache.size(); }

ValidationBatch ValidationSource::batch(std::size_t first, std::size_t count) const {
    std::vector<PicturePlan> plans;
    std::vector<ValidationPicture> pictures;
    for (std::size_t i = first; i < std::min(first + count, size()); ++i) {
        const auto index = static_cast<std::uint32_t>(i);
        plans.push_back(state_->planner.letterboxed(index));
        pictures.push_back(state_->describe(index, plans.back()));
    }
    return {state_->painter.paint(plans), std::move(pictures)};
}

}  // namespace caplamp::training
